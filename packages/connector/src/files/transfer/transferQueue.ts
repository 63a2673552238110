/** A transfer that waits for its turn. */
interface Startable {
  start(): void;
}

/** Runs one transfer at a time, in the order of arrival: file packets do not say which file they belong to. */
export class TransferQueue<T extends Startable> {
  #running: T | undefined;
  #waiting: T[] = [];
  #idleCallbacks: (() => void)[] = [];

  /** The transfer whose turn it is. */
  get running(): T | undefined {
    return this.#running;
  }

  /** All that run or wait. */
  get all(): readonly T[] {
    return this.#running === undefined ? [] : [this.#running, ...this.#waiting];
  }

  /** Starts it when all before it have been removed. */
  add(transfer: T): void {
    this.#waiting.push(transfer);
    this.#startNext();
  }

  /** Removes a transfer that is over, whether it was running or waiting. */
  remove(transfer: T): void {
    if (transfer === this.#running) this.#running = undefined;
    else this.#waiting = this.#waiting.filter((waiting) => waiting !== transfer);
    this.#startNext();
  }

  /** Resolves when no transfer runs or waits. */
  async idle(): Promise<void> {
    if (this.#running === undefined) return;
    await new Promise<void>((resolve) => void this.#idleCallbacks.push(resolve));
  }

  #startNext(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#waiting.shift();
    if (this.#running !== undefined) return this.#running.start();
    const callbacks = this.#idleCallbacks;
    this.#idleCallbacks = [];
    for (const callback of callbacks) callback();
  }
}
