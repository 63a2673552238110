import { packetBytesOf, type Request } from './request.js';
import type { Outcome, Pending } from './replyMatcher.js';

/** The owner of requests; told once about each. */
export interface RequestOwner {
  requestSettled(): void;
}

/** A request on its way: from the queue to the socket, and until its reply. */
export class PendingRequest {
  readonly request: Request;
  /** How it counts in the queue; 0 for a request that bypasses it. */
  readonly bytes: number;
  readonly #owner: RequestOwner;
  #isSettled = false;
  /** What became of it, once it is settled; undefined when it was not sent. */
  outcome: Outcome | undefined;
  /** Why it was not sent. */
  error: unknown;

  /** When it was queued. */
  queuedAt = 0;
  /** In the queue and neither withdrawn nor refused. */
  isQueued = false;
  /** The number of its packet; see `Channel.sendText`. */
  packet = 0;
  /** Its entry at the reply matcher; undefined when no reply is expected. */
  reply: Pending | undefined;

  constructor(request: Request, owner: RequestOwner, bytes = packetBytesOf(request)) {
    this.request = request;
    this.#owner = owner;
    this.bytes = bytes;
  }

  /** It was sent, and this is what became of it. Only the first of `settle` and `fail` counts. */
  settle(outcome: Outcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.outcome = outcome;
    this.#owner.requestSettled();
  }

  /** It was not sent and never will be. */
  fail(error: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.error = error;
    this.#owner.requestSettled();
  }
}

/** A request that bypasses the queue. `settled` is called once with what became of it, unless it was not sent. */
export function directRequest(request: Request, settled: (outcome: Outcome) => void): PendingRequest {
  const pending: PendingRequest = new PendingRequest(
    request,
    { requestSettled: () => pending.outcome && settled(pending.outcome) },
    0,
  );
  return pending;
}
