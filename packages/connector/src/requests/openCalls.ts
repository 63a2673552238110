/** Counts the calls that are not settled yet, for those who wait until there is none. */
export class OpenCalls {
  #count = 0;
  #waiting: (() => void)[] = [];

  readonly began = (): void => {
    this.#count++;
  };

  readonly ended = (): void => {
    this.#count--;
    if (this.#count > 0) return;
    const callbacks = this.#waiting;
    this.#waiting = [];
    for (const callback of callbacks) callback();
  };

  /** Resolves when no call is open. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }
}
