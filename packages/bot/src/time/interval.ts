import type { Clock } from 'quietroom-connector';

/**
 * Calls `tick` at an interval, not counting the time while paused. It starts paused. A tick that is due while the one
 * before it still runs is left out.
 */
export class Interval {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #tick: () => Promise<void>;
  #timer: unknown;
  #remainingMs: number;
  #resumedAt = 0;
  #isRunning = false;
  #isTicking = false;

  constructor(clock: Clock, periodMs: number, tick: () => Promise<void>) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#remainingMs = periodMs;
    this.#tick = tick;
  }

  resume(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#wait();
  }

  pause(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#clock.clearTimeout(this.#timer);
    this.#remainingMs = Math.max(0, this.#remainingMs - (this.#clock.now() - this.#resumedAt));
  }

  #wait(): void {
    this.#resumedAt = this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#onDue(), this.#remainingMs);
  }

  #onDue(): void {
    this.#remainingMs = this.#periodMs;
    this.#wait();
    if (this.#isTicking) return;
    this.#isTicking = true;
    void this.#tick().finally(() => (this.#isTicking = false));
  }
}
