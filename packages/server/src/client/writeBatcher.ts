/**
 * Calls functions at the end of the current turn of the event loop, so that everything sent to a client in one turn is one
 * write.
 */
export class WriteBatcher {
  #waiting: (() => void)[] = [];

  readonly defer = (callback: () => void): void => {
    if (this.#waiting.push(callback) === 1) setImmediate(this.#run);
  };

  readonly #run = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  };
}
