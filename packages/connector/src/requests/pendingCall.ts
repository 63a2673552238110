import type { Outcome } from './replyMatcher.js';
import type { Draft } from './requestTracker.js';
import type { Item, SendQueue, Queued } from './sendQueue.js';
import type { Deferred } from './callPromise.js';

/** What became of each draft; undefined for one that never left. */
export type Outcomes = readonly (Outcome | undefined)[];

/**
 * A call on its way through the queue: one draft or several, with one end. It resolves with what `read` makes of
 * what became of them; it rejects when none of them left, with the reason, and when the signal aborts: what has
 * not left by then will not.
 */
export class PendingCall<T> {
  readonly #read: (outcomes: Outcomes) => T;
  readonly #settle: Deferred<T>;
  readonly #ended: () => void;
  readonly #outcomes: (Outcome | undefined)[] = [];
  #waiting: number;
  #hasLeft = false;
  #isOver = false;
  #failure: unknown;
  /** Takes the signal's listener off again. */
  #unlisten: (() => void) | undefined;

  /** `ended` is called once, when it is settled. */
  private constructor(
    count: number,
    read: (outcomes: Outcomes) => T,
    settle: Deferred<T>,
    ended: () => void,
  ) {
    this.#waiting = count;
    this.#read = read;
    this.#settle = settle;
    this.#ended = ended;
  }

  /** @throws ConnectorError `QUEUE_FULL`; the signal's reason when it is aborted already */
  static start<T>(
    queue: Pick<SendQueue, 'add' | 'withdraw'>,
    drafts: readonly Draft[],
    read: (outcomes: Outcomes) => T,
    settle: Deferred<T>,
    ended: () => void,
    signal?: AbortSignal,
  ): void {
    signal?.throwIfAborted();
    const pendingCall = new PendingCall(drafts.length, read, settle, ended);
    const queued = queue.add(drafts.map((draft, index) => pendingCall.#item(draft, index)));
    if (signal && !pendingCall.#isOver) pendingCall.#listen(queue, queued, signal);
  }

  #item(draft: Draft, index: number): Item {
    return {
      draft,
      sent: (outcome) => {
        this.#hasLeft = true;
        this.#outcomes[index] = outcome;
        this.#count();
      },
      failed: (error) => {
        this.#failure ??= error;
        this.#outcomes[index] = undefined;
        this.#count();
      },
    };
  }

  #listen(queue: Pick<SendQueue, 'withdraw'>, queued: readonly Queued[], signal: AbortSignal): void {
    const abort = (): void => {
      queue.withdraw(queued);
      this.#end();
      this.#settle.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#unlisten = () => signal.removeEventListener('abort', abort);
  }

  #count(): void {
    this.#waiting--;
    if (this.#waiting > 0 || this.#isOver) return;
    this.#end();
    if (!this.#hasLeft) {
      this.#settle.reject(this.#failure);
      return;
    }
    try {
      this.#settle.resolve(this.#read(this.#outcomes));
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#unlisten?.();
    this.#ended();
  }
}
