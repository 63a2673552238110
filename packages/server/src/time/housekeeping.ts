import type { Clock } from './clock.js';

const MINUTE_MS = 60_000;

/** Calls back every minute until it is stopped: one timer for all periodic work. */
export class Housekeeping {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #timer: unknown;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** Safe when it is running. */
  start(): void {
    if (this.#timer === undefined) this.#schedule();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule();
      this.#callback();
    }, MINUTE_MS);
  }
}
