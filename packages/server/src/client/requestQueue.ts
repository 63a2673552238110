import { Fifo } from '@quietroom/protocol';

/** A source of requests that can be paused. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Handles the requests of one client in order. While one is pending, the source is paused, so that a
 * client that keeps sending fills its network buffers rather than our memory.
 */
export class RequestQueue<T> {
  readonly #handle: (request: T) => void | Promise<void>;
  readonly #flow: Flow;
  readonly #failed: (error: unknown) => void;
  /** Requests from the same record, received before the pause. */
  readonly #waiting = new Fifo<T>();
  #isBusy = false;
  #whenIdle: (() => void) | undefined;

  /** `failed` is called when an asynchronous request fails; a synchronous one throws from `add`. */
  constructor(handle: (request: T) => void | Promise<void>, flow: Flow, failed: (error: unknown) => void) {
    this.#handle = handle;
    this.#flow = flow;
    this.#failed = failed;
  }

  add(request: T): void {
    if (this.#isBusy) this.#waiting.add(request);
    else this.#run(request);
  }

  /** Calls back when all requests so far are handled. */
  whenIdle(callback: () => void): void {
    if (this.#isBusy) this.#whenIdle = callback;
    else callback();
  }

  /** Drops the queued requests. */
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
