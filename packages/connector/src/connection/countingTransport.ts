import type { Transport, TransportEvents } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';

/** What has gone over the wire inside TLS, over all connections of a connector. */
export interface Traffic {
  bytesReceived: number;
  bytesSent: number;
  /** By the clock, when the last record came; decoys count. */
  lastReceivedAt: number | undefined;
}

/** A transport that counts what goes through it. */
export class CountingTransport implements Transport {
  readonly #transport: Transport;
  readonly #traffic: Traffic;
  readonly #clock: Clock;

  constructor(transport: Transport, traffic: Traffic, clock: Clock) {
    this.#transport = transport;
    this.#traffic = traffic;
    this.#clock = clock;
  }

  start(events: TransportEvents): void {
    const traffic = this.#traffic;
    const clock = this.#clock;
    this.#transport.start({
      record(bytes) {
        traffic.bytesReceived += bytes.length;
        traffic.lastReceivedAt = clock.now();
        events.record(bytes);
      },
      closed: (error) => events.closed(error),
    });
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    this.#traffic.bytesSent += bytes.length;
    this.#transport.write(bytes, taken);
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
  }

  end(): void {
    this.#transport.end();
  }

  destroy(): void {
    this.#transport.destroy();
  }
}
