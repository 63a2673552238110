/** `within` the limit; over it, `notify` for the first message and `drop` for those that follow. */
export type RateVerdict = 'within' | 'notify' | 'drop';

/** Lets one sender write `size` messages at once, and as many again in each `perMs`, evenly. */
export class RateLimiter {
  readonly #size: number;
  readonly #perMs: number;
  #tokens: number;
  #filledAtMs: number;
  #isNotified = false;

  constructor(size: number, perMs: number, nowMs: number) {
    this.#size = size;
    this.#perMs = perMs;
    this.#tokens = size;
    this.#filledAtMs = nowMs;
  }

  /** Takes one message. */
  take(nowMs: number): RateVerdict {
    const earned = ((nowMs - this.#filledAtMs) * this.#size) / this.#perMs;
    this.#tokens = Math.min(this.#size, this.#tokens + earned);
    this.#filledAtMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens--;
      this.#isNotified = false;
      return 'within';
    }
    if (this.#isNotified) return 'drop';
    this.#isNotified = true;
    return 'notify';
  }

  /** Seconds until one more message is within the limit, rounded up. */
  get waitSeconds(): number {
    return Math.ceil(((1 - this.#tokens) * this.#perMs) / this.#size / 1000);
  }
}
