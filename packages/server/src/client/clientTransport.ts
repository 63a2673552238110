import type { Transport, TransportEvents } from '@quietroom/protocol';

/** The writing side of a transport. */
export type Writer = Pick<Transport, 'write' | 'end'>;

/** Writes in place of a transport: a fault on the way to a client. */
export interface Interceptor extends Writer {
  /** The transport is closed. */
  closed(): void;
}

/** The transport of a client. In tests of bots, an interceptor can be put in front of its writing side at any time. */
export class ClientTransport implements Transport {
  readonly #inner: Transport;
  #writer: Writer;
  readonly #interceptors: Interceptor[] = [];
  #isFrozen = false;
  #receive: ((bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void) | undefined;

  constructor(inner: Transport) {
    this.#inner = inner;
    this.#writer = inner;
  }

  intercept<T extends Interceptor>(make: (inner: Writer) => T): T {
    const interceptor = make(this.#writer);
    this.#interceptors.push(interceptor);
    this.#writer = interceptor;
    return interceptor;
  }

  /** Stops reading and writing, and stays open. */
  freeze(): void {
    this.#isFrozen = true;
    this.#inner.pause();
  }

  /** Lets `receive` decide when a record is delivered. Call it before `start`. */
  deliverBy(receive: (bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void): void {
    this.#receive = receive;
  }

  start(events: TransportEvents): void {
    const { record } = events;
    const receive = this.#receive ?? record;
    this.#inner.start({
      record: (bytes) => {
        if (!this.#isFrozen) receive(bytes, record);
      },
      closed: (error) => {
        for (const interceptor of this.#interceptors) interceptor.closed();
        events.closed(error);
      },
    });
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    if (!this.#isFrozen) this.#writer.write(bytes, taken);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    if (!this.#isFrozen) this.#inner.resume();
  }

  end(): void {
    if (!this.#isFrozen) this.#writer.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }
}
