import { onAbort } from '@quietroom/protocol/internals';
import type { Outcome } from '../replies/outcome.js';
import type { Deferred } from './callPromise.js';
import { PendingRequest, type RequestOwner } from './pendingRequest.js';
import type { Request } from './request.js';

/** The outcome of each request; undefined for one that was not sent. */
export type Outcomes = readonly (Outcome | undefined)[];

/**
 * A call of the public API: one request or several, with one result. It resolves with what `read` makes of the
 * outcomes. It rejects when no request was sent, and when the signal aborts, which withdraws what was not sent.
 */
export class PendingCall<T> implements RequestOwner {
  readonly requests: readonly PendingRequest[];
  readonly #read: (outcomes: Outcomes) => T;
  readonly #promise: Deferred<T>;
  readonly #open: OpenCalls;
  #unsettled: number;
  #isOver = false;
  #stopListening: (() => void) | undefined;

  /** It counts in `open` until the promise is settled. */
  constructor(
    requests: readonly Request[],
    read: (outcomes: Outcomes) => T,
    promise: Deferred<T>,
    open: OpenCalls,
  ) {
    this.#unsettled = requests.length;
    this.#read = read;
    this.#promise = promise;
    this.#open = open;
    const [first] = requests;
    this.requests =
      first && requests.length === 1
        ? [new PendingRequest(first, this)]
        : requests.map((request) => new PendingRequest(request, this));
    open.began();
  }

  /** The requests were not taken: the promise is not settled. */
  cancel(): void {
    this.#end();
  }

  /** `withdraw` takes requests back that were not sent. */
  abortBy(signal: AbortSignal | undefined, withdraw: (requests: readonly PendingRequest[]) => void): void {
    if (signal === undefined || this.#isOver) return;
    this.#stopListening = onAbort(signal, () => {
      withdraw(this.requests);
      this.#end();
      this.#promise.reject(signal.reason);
    });
  }

  requestSettled(): void {
    this.#unsettled--;
    if (this.#unsettled > 0 || this.#isOver) return;
    this.#end();
    const outcomes = this.requests.map(({ outcome }) => outcome);
    if (outcomes.every((outcome) => outcome === undefined)) {
      this.#promise.reject(this.requests.find(({ error }) => error !== undefined)?.error);
      return;
    }
    try {
      this.#promise.resolve(this.#read(outcomes));
    } catch (error) {
      this.#promise.reject(error);
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#stopListening?.();
    this.#open.ended();
  }
}

/** Counts the calls that have not settled; resolves when there are none. */
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
