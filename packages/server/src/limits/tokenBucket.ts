import type { Clock } from '../time/clock.js';

/** A rate: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Computes delays that keep a series within a rate. */
export class TokenBucket {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rate: () => Rate;
  /** The time at which the tokens taken so far are refilled. */
  #paidAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>, rate: () => Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** True when the whole burst is available again. */
  get isFull(): boolean {
    return this.#paidAt <= this.#clock.now();
  }

  /** Tokens that can be taken without waiting; below 0 when more were taken. */
  get available(): number {
    const { perSecond, burst } = this.#rate();
    return burst - (Math.max(0, this.#paidAt - this.#clock.now()) * perSecond) / 1000;
  }

  /** Takes tokens; returns the milliseconds to wait, usually 0. */
  take(count = 1): number {
    const { perSecond, burst } = this.#rate();
    const now = this.#clock.now();
    const each = 1000 / perSecond;
    this.#paidAt = Math.max(this.#paidAt, now) + count * each;
    return Math.max(0, this.#paidAt - now - burst * each);
  }

  /** Takes a token if one is available. */
  tryTake(): boolean {
    const { perSecond, burst } = this.#rate();
    const now = this.#clock.now();
    const each = 1000 / perSecond;
    const paidAt = Math.max(this.#paidAt, now) + each;
    if (paidAt - now > burst * each) return false;
    this.#paidAt = paidAt;
    return true;
  }

  /** Adjusts the cost of the last token: positive values delay what follows, negative values speed it up. */
  charge(count: number): void {
    this.#paidAt += (count * 1000) / this.#rate().perSecond;
  }
}
