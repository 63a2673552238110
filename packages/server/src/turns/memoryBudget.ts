/** Above this share of the limit, memory is tight. */
const TIGHT = 3 / 4;

/** While memory is tight, this much may be kept of each client's input, and wait for each client, before others wait. */
export const TIGHT_BYTES = 65_536;

/** All bytes that the server holds for its clients: kept input, and what waits to be sent. */
export class MemoryBudget {
  readonly #limit: () => number;
  #tight: () => void = () => {};
  #used = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** `tight` is called whenever more is held while memory is tight. */
  onTight(tight: () => void): void {
    this.#tight = tight;
  }

  get isTight(): boolean {
    return this.#used > this.#limit() * TIGHT;
  }

  /** `bytes` more or, below 0, fewer are held. */
  add(bytes: number): void {
    this.#used += bytes;
    if (bytes > 0 && this.isTight) this.#tight();
  }
}
