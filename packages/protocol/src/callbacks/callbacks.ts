import { onAbort } from './abort.js';

/** How a callback is registered. */
export interface CallbackOptions {
  /** Aborting it removes the callback. */
  signal?: AbortSignal;
}

interface Entry<A extends readonly unknown[]> {
  readonly callback: (...args: A) => unknown;
}

/**
 * The callbacks of one event, called in the order of registration. One that throws is reported, and so is
 * one whose promise rejects; it stops neither the others nor the caller. Promises are not awaited.
 */
export class Callbacks<A extends readonly unknown[]> {
  readonly #report: (error: unknown) => void;
  // A new array at each change, so that a change during `call` counts from the next call on.
  #entries: readonly Entry<A>[] = [];

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get length(): number {
    return this.#entries.length;
  }

  add(callback: (...args: A) => unknown, { signal }: CallbackOptions = {}): void {
    if (typeof callback !== 'function') {
      throw new TypeError(`A callback must be a function, not ${typeof callback}.`);
    }
    if (signal?.aborted) return;
    // An entry of its own, so that a callback that is added twice is called twice and removed once.
    const entry = { callback };
    this.#entries = [...this.#entries, entry];
    onAbort(signal, () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    });
  }

  call(...args: A): void {
    for (const { callback } of this.#entries) {
      try {
        const result = callback(...args);
        if (isThenable(result)) Promise.resolve(result).catch(this.#report);
      } catch (error) {
        this.#report(error);
      }
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
