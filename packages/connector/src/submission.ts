import type { Outcome } from './answers.js';
import type { Draft } from './conversation.js';
import type { Item, Outbox, Queued } from './outbox.js';
import type { Settle } from './sendPromise.js';

/** What became of each draft; undefined for one that never left. */
export type Outcomes = readonly (Outcome | undefined)[];

/**
 * A call on its way through the outbox: one draft or several, with one end. It resolves with what `read` makes of
 * what became of them; it rejects when none of them left, with the reason, and when the signal aborts: what has
 * not left by then will not.
 */
export class Submission<T> {
  readonly #read: (outcomes: Outcomes) => T;
  readonly #settle: Settle<T>;
  readonly #ended: () => void;
  readonly #outcomes: (Outcome | undefined)[] = [];
  #waiting: number;
  #hasLeft = false;
  #isOver = false;
  #failure: unknown;
  /** Takes the signal's listener off again. */
  #unlisten: (() => void) | undefined;

  /** `ended` is called once, when it is settled. */
  private constructor(count: number, read: (outcomes: Outcomes) => T, settle: Settle<T>, ended: () => void) {
    this.#waiting = count;
    this.#read = read;
    this.#settle = settle;
    this.#ended = ended;
  }

  /** @throws ConnectorError `QUEUE_FULL`; the signal's reason when it is aborted already */
  static start<T>(
    outbox: Pick<Outbox, 'add' | 'withdraw'>,
    drafts: readonly Draft[],
    read: (outcomes: Outcomes) => T,
    settle: Settle<T>,
    ended: () => void,
    signal?: AbortSignal,
  ): void {
    signal?.throwIfAborted();
    const submission = new Submission(drafts.length, read, settle, ended);
    const queued = outbox.add(drafts.map((draft, index) => submission.#item(draft, index)));
    if (signal && !submission.#isOver) submission.#listen(outbox, queued, signal);
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

  #listen(outbox: Pick<Outbox, 'withdraw'>, queued: readonly Queued[], signal: AbortSignal): void {
    const abort = (): void => {
      outbox.withdraw(queued);
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
