/** Above this share of the limit, those who send are slowed; below the other, no more. */
const TIGHT = 3 / 4;
const EASED = 5 / 8;

/** All bytes that the server holds for its clients: kept input, and what waits to be sent. */
export class MemoryBudget {
  readonly #limit: () => number;
  /** Called when more is held while memory is tight. */
  #tight: () => void = () => {};
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** `tight` must close those for whom too much waits, soon. */
  onTight(tight: () => void): void {
    this.#tight = tight;
  }

  get used(): number {
    return this.#used;
  }

  get isTight(): boolean {
    return this.#used > this.#limit() * TIGHT;
  }

  add(bytes: number): void {
    this.#used += bytes;
    if (bytes > 0 && this.isTight) this.#tight();
    if (bytes < 0 && this.#waiting.length > 0 && this.#used <= this.#limit() * EASED) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const callback of waiting) callback();
    }
  }

  /** Calls back once when memory is no longer tight. */
  whenEased(callback: () => void): void {
    this.#waiting.push(callback);
  }
}
