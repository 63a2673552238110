/** What settles a call; whichever is called first counts. */
export interface Deferred<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * What a call returns: a promise that knows whether anyone has looked at it. Nobody has to await a send, but
 * when one fails that nobody awaits, somebody should hear of it.
 */
export class CallPromise<T> extends Promise<T> implements Deferred<T> {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #report: (error: unknown) => void;
  #isWatched = false;

  /** What is derived from it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** A rejection that nobody looks at in time goes to `report`; it never ends the process. */
  constructor(report: (error: unknown) => void) {
    let settle: [(value: T) => void, (error: unknown) => void] = [nothing, nothing];
    super((resolve, reject) => {
      settle = [resolve, reject];
    });
    [this.#resolve, this.#reject] = settle;
    this.#report = report;
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    // The base's own `then`: this is no look.
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

function nothing(): void {}
