import { AwaitedReply } from '../replies/awaitedReply.js';
import type { Outcome } from '../replies/outcome.js';
import { packetBytesOf, type Request } from './request.js';

/** The owner of requests; called once for each. */
export interface RequestOwner {
  requestSettled(): void;
}

/** A request from the queue to the socket, and until its reply. */
export class PendingRequest extends AwaitedReply {
  readonly request: Request;
  /** How it counts in the queue; 0 for a request that bypasses it. */
  readonly bytes: number;
  readonly #owner: RequestOwner;
  #isSettled = false;
  /** Set once it is settled; undefined when it was not sent. */
  outcome: Outcome | undefined = undefined;
  /** Why it was not sent. */
  error: unknown = undefined;

  /** When it was queued. */
  queuedAt = 0;
  /** In the queue and neither withdrawn nor refused. */
  isQueued = false;
  /** The number of its packet; see `Channel.sendText`. */
  packet = 0;
  /** Called with the outcome before the owner. */
  onOutcome: ((outcome: Outcome) => void) | undefined = undefined;

  constructor(request: Request, owner: RequestOwner, bytes = packetBytesOf(request)) {
    super();
    this.request = request;
    this.#owner = owner;
    this.bytes = bytes;
  }

  /** It was sent, with this outcome. Only the first of `settle` and `fail` counts. */
  override settle(outcome: Outcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.outcome = outcome;
    this.onOutcome?.(outcome);
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

/** A request that bypasses the queue. `settled` is called once with its outcome, unless it was not sent. */
export function directRequest(request: Request, settled: (outcome: Outcome) => void): PendingRequest {
  const pending: PendingRequest = new PendingRequest(
    request,
    { requestSettled: () => pending.outcome && settled(pending.outcome) },
    0,
  );
  return pending;
}
