/**
 * What a send returns: a promise that knows whether anyone has looked at it. Nobody has to await a send,
 * but when one fails that nobody awaits, somebody should hear of it.
 */
export class SendPromise extends Promise<void> {
  #isWatched = false;

  /** What is derived from it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Follows `sent`. A rejection that nobody looks at in time goes to `report`; it never ends the process. */
  static watch(sent: Promise<void>, report: (error: unknown) => void): SendPromise {
    const promise = new SendPromise((resolve, reject) => {
      sent.then(resolve, (error: unknown) => {
        reject(error);
        setImmediate(() => {
          if (!promise.#isWatched) report(error);
        });
      });
    });
    // The base's own `then`: this is no look.
    void Promise.prototype.then.call(promise, undefined, () => {});
    return promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and awaits go through here.
  override then<A = void, B = never>(
    onFulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isWatched = true;
    return super.then(onFulfilled, onRejected);
  }
}
