import { onAbort } from '@quietroom/protocol/internals';

/**
 * A signal that aborts when one of others does. After its disposal the others hold nothing of it: `AbortSignal.any` leaves
 * something behind in signals that live longer, with each message.
 */
export class LinkedSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #stops: readonly (() => void)[];

  constructor(...others: readonly AbortSignal[]) {
    this.#stops = others.map((other) => onAbort(other, () => this.#controller.abort(other.reason)));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}
