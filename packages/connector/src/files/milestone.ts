import type { Clock } from '../clock.js';

/** Something that happens once, or not at all. */
export class Milestone {
  #isReached = false;
  readonly #reached: Promise<void>;
  #resolve: () => void = () => {};

  constructor() {
    this.#reached = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  reach(): void {
    this.#isReached = true;
    this.#resolve();
  }

  /** Whether it is reached within `ms`; rejects with the signal's reason when that aborts first. */
  async within(ms: number, clock: Clock, signal?: AbortSignal): Promise<boolean> {
    if (this.#isReached) return true;
    signal?.throwIfAborted();
    let abort: () => void = () => {};
    let timer: unknown;
    const stopped = new Promise<void>((resolve, reject) => {
      timer = clock.setTimeout(resolve, ms);
      abort = () => reject(signal?.reason);
    });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#reached, stopped]);
    } finally {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    return this.#isReached;
  }
}
