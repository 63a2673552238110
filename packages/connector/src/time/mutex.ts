import { unlessAborted } from './clock.js';

/** Gives turns in the order in which they were asked for, one at a time. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when all turns that were asked for by now are over. */
  get over(): Promise<void> {
    return this.#last;
  }

  /** Resolves when it is this one's turn, with the function that ends it; rejects when the signal aborts first. */
  async take(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let end = nothing;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = before.then(() => over);
    try {
      await unlessAborted(before, signal);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }
}

function nothing(): void {}
