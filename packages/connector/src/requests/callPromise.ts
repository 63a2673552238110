/** Settles a call; only the first of the two counts. */
export interface Deferred<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** The promise of a call. It knows whether it is awaited, so that the failure of a call that is not can be reported. */
export class CallPromise<T> extends Promise<T> implements Deferred<T> {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #report: (error: unknown) => void;
  #isWatched = false;

  /** Promises derived from it are ordinary ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** A rejection that is not awaited in time goes to `report`; it never ends the process. */
  constructor(report: (error: unknown) => void) {
    super(capture);
    this.#resolve = captured.resolve;
    this.#reject = captured.reject;
    this.#report = report;
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    // The `then` of the base class does not count as awaiting.
    void Promise.prototype.then.call(this, undefined, () => {});
    this.#reject(error);
    setImmediate(() => {
      if (!this.#isWatched) this.#report(error);
    });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and awaits go through here.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isWatched = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** The functions of the promise that is being constructed: a closure for each would cost more than the promise. */
const captured: { resolve: (value: unknown) => void; reject: (error: unknown) => void } = {
  resolve: () => {},
  reject: () => {},
};

function capture(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  // The constructor gives it to the promise that it belongs to.
  captured.resolve = resolve as (value: unknown) => void;
  captured.reject = reject;
}
