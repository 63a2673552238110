/** A rate is measured over at least this time. */
const WINDOW_MS = 2000;

/** How fast a client takes what waits for it. */
export class ReadRate {
  #since: number;
  #bytes = 0;
  /** Bytes per second in the window before. */
  #before = Number.POSITIVE_INFINITY;

  /** `now`: in milliseconds, when something began to wait. */
  constructor(now: number) {
    this.#since = now;
  }

  took(bytes: number, now: number): void {
    this.#roll(now);
    this.#bytes += bytes;
  }

  /** Whether the client takes fewer bytes per second; false until that is known. */
  isBelow(bytesPerSecond: number, now: number): boolean {
    this.#roll(now);
    return this.#before < bytesPerSecond;
  }

  #roll(now: number): void {
    const passedMs = now - this.#since;
    if (passedMs < WINDOW_MS) return;
    this.#before = (this.#bytes * 1000) / passedMs;
    this.#since = now;
    this.#bytes = 0;
  }
}
