import { Fifo } from '@quietroom/protocol/internals';

/**
 * Lets TLS handshakes begin one in each turn of the event loop, since each holds the process up for as long
 * as an RSA signature takes; what users send is handled in between. The addresses take turns, so that whoever
 * floods the server waits behind its own connections and nobody else does.
 */
export class HandshakeQueue {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, Fifo<() => void>>();
  #isRunning = false;

  /** `begin` is called later, once. */
  add(group: string, begin: () => void): void {
    const fifo = this.#waiting.get(group) ?? new Fifo();
    fifo.add(begin);
    this.#waiting.set(group, fifo);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#isRunning = false;
      return;
    }
    const [group, fifo] = first;
    this.#waiting.delete(group);
    const begin = fifo.take();
    if (fifo.length > 0) this.#waiting.set(group, fifo);
    setImmediate(this.#next);
    begin?.();
  };
}
