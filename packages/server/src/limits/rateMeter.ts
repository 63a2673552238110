import type { Clock } from '../time/clock.js';

/** The time constant of the average. */
const WINDOW_MS = 10_000;

/** Measures a rate per second, as an exponentially weighted average over about 10 seconds. */
export class RateMeter {
  readonly #clock: Pick<Clock, 'now'>;
  #perSecond = 0;
  #measuredAt = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get perSecond(): number {
    return this.#perSecond * Math.exp((this.#measuredAt - this.#clock.now()) / WINDOW_MS);
  }

  count(): void {
    this.#perSecond = this.perSecond + 1000 / WINDOW_MS;
    this.#measuredAt = this.#clock.now();
  }
}
