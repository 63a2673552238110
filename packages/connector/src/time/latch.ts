import { unlessAborted, type Clock } from './clock.js';

/** Something that happens once, or not at all. */
export class Latch {
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
    let timer: unknown;
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, ms);
    });
    try {
      await unlessAborted(Promise.race([this.#reached, late]), signal);
    } finally {
      clock.clearTimeout(timer);
    }
    return this.#isReached;
  }
}
