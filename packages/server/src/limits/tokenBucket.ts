import type { Clock } from '../time/clock.js';

/** How much may go through: `burst` at once, and `perSecond` for long. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Tells how long each of a series of things must wait, so that no more than the rate go through. */
export class TokenBucket {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #rate: () => Rate;
  /** When all that was taken so far will have been paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>, rate: () => Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** True when nothing was taken for so long that the whole burst is there again. */
  get isFull(): boolean {
    return this.#paidAt <= this.#clock.now();
  }

  /** Takes one; gives the milliseconds that it must wait, 0 for nearly all. */
  take(): number {
    const { perSecond, burst } = this.#rate();
    const now = this.#clock.now();
    const each = 1000 / perSecond;
    this.#paidAt = Math.max(this.#paidAt, now) + each;
    return Math.max(0, this.#paidAt - now - burst * each);
  }

  /** Takes one if it need not wait. */
  tryTake(): boolean {
    const { perSecond, burst } = this.#rate();
    const now = this.#clock.now();
    const each = 1000 / perSecond;
    const paidAt = Math.max(this.#paidAt, now) + each;
    if (paidAt - now > burst * each) return false;
    this.#paidAt = paidAt;
    return true;
  }

  /** What was taken has cost as much as so many more, or less: what comes next waits the longer, or shorter. */
  charge(count: number): void {
    this.#paidAt += (count * 1000) / this.#rate().perSecond;
  }
}
