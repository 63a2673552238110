import type { Transport, TransportEvents } from './transport.js';

/** The part of `tls.TLSSocket` that the transport uses. */
export interface RecordSocket {
  setMaxSendFragment(bytes: number): boolean;
  write(bytes: Uint8Array, taken: (error?: Error | null) => void): boolean;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
  destroy(): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** Starts to deliver input, one TLS record per call. */
export type RecordSource = (deliver: (bytes: Uint8Array) => void) => void;

/**
 * A TLS socket as a transport. It owns the socket: the fragment size, all
 * writes, all reads.
 *
 * By default it reads by `data` events: each is one record, unlike with `readable` and `for await`.
 * A socket created with `onread` gets another source.
 */
export class SocketTransport implements Transport {
  readonly #socket: RecordSocket;
  readonly #source: RecordSource;
  #events: TransportEvents | undefined;
  #error: Error | undefined;
  #closed = false;

  /** `fragmentBytes`: the longest record to send; Node can lower it once and never raise it again. */
  constructor(socket: RecordSocket, fragmentBytes: number, source?: RecordSource) {
    this.#socket = socket;
    this.#source = source ?? ((deliver) => socket.on('data', deliver));
    socket.setMaxSendFragment(fragmentBytes);
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#events?.closed(this.#error);
    });
  }

  start(events: TransportEvents): void {
    this.#events = events;
    if (this.#closed) events.closed(this.#error);
    else this.#source(events.record);
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    this.#socket.write(bytes, taken);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
