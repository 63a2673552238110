/**
 * Calls functions at the end of this turn of the event loop: what a client is sent in one turn goes out in one
 * write, whoever sent it.
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
