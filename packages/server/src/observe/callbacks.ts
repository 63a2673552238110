/** How a callback is registered. */
export interface CallbackOptions {
  /** Aborting it takes the callback off again. */
  signal?: AbortSignal;
}

/**
 * The callbacks of one event, called in the order of registration. One that throws is reported, and so is
 * one whose promise rejects; it stops neither the others nor the caller. Promises are not awaited.
 */
export class Callbacks<A extends readonly unknown[]> {
  readonly #report: (error: unknown) => void;
  // A new array at each change, so that a change during `call` counts from the next call on.
  #callbacks: readonly ((...args: A) => unknown)[] = [];

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  add(callback: (...args: A) => unknown, { signal }: CallbackOptions = {}): void {
    if (typeof callback !== 'function') {
      throw new TypeError(`A callback must be a function, not ${typeof callback}.`);
    }
    if (signal?.aborted) return;
    // A function of its own, so that a callback that is added twice is called twice and taken off singly.
    const entry = (...args: A): unknown => callback(...args);
    this.#callbacks = [...this.#callbacks, entry];
    signal?.addEventListener('abort', () => this.#remove(entry), { once: true });
  }

  call(...args: A): void {
    for (const callback of this.#callbacks) {
      try {
        const result = callback(...args);
        if (isThenable(result)) Promise.resolve(result).catch(this.#report);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #remove(entry: (...args: A) => unknown): void {
    this.#callbacks = this.#callbacks.filter((other) => other !== entry);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
