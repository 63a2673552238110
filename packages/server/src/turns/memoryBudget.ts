/** Above this share of the limit, those who send are slowed; below the other, no more. */
const TIGHT = 3 / 4;
const EASED = 5 / 8;

/** All bytes that the server holds for its clients: kept input, and what waits to be sent. */
export class MemoryBudget {
  readonly #limit: () => number;
  /** Called when more is held than the limit allows, until that is mended. */
  #over: () => void = () => {};
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** `over` must close those who hold too much. */
  onOver(over: () => void): void {
    this.#over = over;
  }

  get used(): number {
    return this.#used;
  }

  get isTight(): boolean {
    return this.#used > this.#limit() * TIGHT;
  }

  get isOver(): boolean {
    return this.#used > this.#limit();
  }

  add(bytes: number): void {
    this.#used += bytes;
    if (bytes > 0 && this.isOver) this.#over();
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
