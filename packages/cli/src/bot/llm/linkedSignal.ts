/**
 * A signal that aborts when one of others does. After its disposal the others hold nothing of it: `AbortSignal.any` leaves
 * something behind in signals that live longer, with each message.
 */
export class LinkedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #others: readonly AbortSignal[];
  readonly #onAbort: (event: Event) => void;

  constructor(...others: readonly AbortSignal[]) {
    this.#others = others;
    this.#onAbort = ({ target }) => {
      if (target instanceof AbortSignal) this.#controller.abort(target.reason);
    };
    for (const other of others) {
      if (other.aborted) this.#controller.abort(other.reason);
      else other.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const other of this.#others) other.removeEventListener('abort', this.#onAbort);
  }
}
