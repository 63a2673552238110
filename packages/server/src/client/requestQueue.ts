import { Fifo } from '@quietroom/protocol';

/** A source of requests that can be told to wait. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Handles one client's requests one after another. While one takes time, its source is paused, so that a
 * client that sends on fills its own network buffers and not our memory.
 */
export class RequestQueue<T> {
  readonly #handle: (request: T) => void | Promise<void>;
  readonly #flow: Flow;
  readonly #failed: (error: unknown) => void;
  /** What had come in the same record, and so before the pause. */
  readonly #waiting = new Fifo<T>();
  #isBusy = false;
  #whenIdle: (() => void) | undefined;

  /** `failed` is told when a request that takes time fails; one that takes none throws from `add`. */
  constructor(handle: (request: T) => void | Promise<void>, flow: Flow, failed: (error: unknown) => void) {
    this.#handle = handle;
    this.#flow = flow;
    this.#failed = failed;
  }

  add(request: T): void {
    if (this.#isBusy) this.#waiting.add(request);
    else this.#run(request);
  }

  /** Calls back when all requests so far are handled; at once if they are. */
  whenIdle(callback: () => void): void {
    if (this.#isBusy) this.#whenIdle = callback;
    else callback();
  }

  /** Forgets the requests that wait. */
  clear(): void {
    while (this.#waiting.take() !== undefined);
  }

  #run(request: T): void {
    const pending = this.#handle(request);
    if (pending === undefined) return;
    this.#isBusy = true;
    this.#flow.pause();
    pending.then(() => this.#continue()).catch((error: unknown) => this.#failed(error));
  }

  #continue(): void {
    this.#isBusy = false;
    while (!this.#isBusy) {
      const request = this.#waiting.take();
      if (request === undefined) break;
      this.#run(request);
    }
    if (this.#isBusy) return;
    this.#flow.resume();
    this.#whenIdle?.();
  }
}
