import { setTimeout as sleep } from 'node:timers/promises';

/** Lets `burst` lines pass at once, and `perSecond` in the long run. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #countedAtMs: number;

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(burst: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = burst;
    this.#countedAtMs = now();
  }

  /** Takes tokens, also ahead of time, and tells after how many milliseconds they are there. */
  take(count: number): number {
    const nowMs = this.#now();
    const gained = ((nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained) - count;
    this.#countedAtMs = nowMs;
    return Math.max(0, (-this.#tokens / this.#perSecond) * 1000);
  }

  /** Waits until the lines may be sent. @throws the signal's reason */
  async wait(count: number, signal: AbortSignal): Promise<void> {
    const pauseMs = this.take(count);
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal });
    signal.throwIfAborted();
  }
}
