import type { Transport, TransportEvents } from '@quietroom/protocol';
import { recordsByNode } from './records.js';

/**
 * One end of a connection in memory, which keeps what TLS keeps: each write becomes records of its own,
 * none longer than a fragment, and each record arrives whole. Everything happens in later microtasks, in
 * order; nothing needs a timer.
 */
export class MemoryTransport implements Transport {
  /** The records that this end has sent. */
  readonly sent: Uint8Array[] = [];
  readonly #fragmentBytes: number;
  #peer: MemoryTransport | undefined;
  #events: TransportEvents | undefined;
  readonly #early: Uint8Array[] = [];
  #isPaused = false;
  #state: 'open' | 'ended' | 'closed' = 'open';

  private constructor(fragmentBytes: number) {
    this.#fragmentBytes = fragmentBytes;
  }

  /** Two ends of one connection. */
  static pair(fragmentBytes: number): [MemoryTransport, MemoryTransport] {
    const ends: [MemoryTransport, MemoryTransport] = [
      new MemoryTransport(fragmentBytes),
      new MemoryTransport(fragmentBytes),
    ];
    ends[0].#peer = ends[1];
    ends[1].#peer = ends[0];
    return ends;
  }

  start(events: TransportEvents): void {
    this.#events = events;
    for (const record of this.#early.splice(0)) events.record(record);
    if (this.#state === 'closed') events.closed();
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    const peer = this.#peer;
    if (this.#state !== 'open' || !peer) {
      queueMicrotask(() => taken(new Error('write after end')));
      return;
    }
    for (const part of recordsByNode([bytes], this.#fragmentBytes)) {
      const record = Buffer.from(part);
      this.sent.push(record);
      queueMicrotask(() => peer.#deliver(record));
    }
    queueMicrotask(() => taken());
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const record of this.#early.splice(0)) this.#deliver(record);
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    queueMicrotask(() => {
      const peer = this.#peer;
      this.#close();
      if (peer) peer.#close();
    });
  }

  destroy(): void {
    this.end();
  }

  #deliver(record: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (this.#events && !this.#isPaused) this.#events.record(record);
    else this.#early.push(record);
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#events?.closed();
  }
}
