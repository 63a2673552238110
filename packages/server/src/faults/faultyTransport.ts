import { Fifo, type Transport, type TransportEvents } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';

/** What is done to the records that a client is sent. */
export interface RecordFaults {
  /** Each comes so much later. */
  delayMs: number;
  /** Each is cut into records of at most so many bytes. */
  splitBytes: number;
  /** What is written in one turn of the event loop comes in records that are as full as they can be. */
  isJoined: boolean;
  /** Nothing is read or written any more. */
  isHalfOpen: boolean;
}

const NO_FAULTS: Readonly<RecordFaults> = {
  delayMs: 0,
  splitBytes: Number.POSITIVE_INFINITY,
  isJoined: false,
  isHalfOpen: false,
};

interface Held {
  readonly bytes: Uint8Array;
  /** When it may go. */
  readonly at: number;
}

/**
 * A transport that does to its records what a bad network or another implementation can do to them. Without
 * faults it passes everything on as it is.
 */
export class FaultyTransport implements Transport {
  readonly faults: RecordFaults = { ...NO_FAULTS };
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #held = new Fifo<Held>();
  #isSending = false;
  #isEnding = false;
  #timer: unknown;
  #isClosed = false;

  constructor(inner: Transport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** Ends what can be ended: half-open connections have lost their step, and joined records their size. */
  clearFaults(): void {
    this.faults.delayMs = NO_FAULTS.delayMs;
    this.faults.splitBytes = NO_FAULTS.splitBytes;
  }

  start(events: TransportEvents): void {
    this.#inner.start({
      record: (bytes) => {
        if (!this.faults.isHalfOpen) events.record(bytes);
      },
      closed: (error) => {
        this.#isClosed = true;
        this.#clock.clearTimeout(this.#timer);
        events.closed(error);
      },
    });
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    const { delayMs, splitBytes, isJoined, isHalfOpen } = this.faults;
    if (isHalfOpen) return;
    if (!this.#isSending && delayMs === 0 && !Number.isFinite(splitBytes) && !isJoined) {
      this.#inner.write(bytes, taken);
      return;
    }
    const at = this.#clock.now() + delayMs;
    for (let from = 0; from < bytes.length; from += splitBytes) {
      this.#held.add({ bytes: bytes.subarray(from, from + splitBytes), at });
    }
    if (!this.#isSending) {
      this.#isSending = true;
      setImmediate(() => this.#sendNext());
    }
    // What is held was taken, as far as the sender is concerned; a callback in this call could recurse.
    queueMicrotask(() => taken());
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isSending && !this.faults.isHalfOpen) this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  #sendNext(): void {
    const next = this.#held.first;
    if (this.#isClosed || this.faults.isHalfOpen || next === undefined) {
      this.#isSending = false;
      if (this.#isEnding) this.end();
      return;
    }
    const waitMs = next.at - this.#clock.now();
    if (waitMs > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#sendNext(), waitMs);
      return;
    }
    this.#inner.write(this.faults.isJoined ? this.#takeAll() : this.#takeOne(), () => this.#sendNext());
  }

  #takeOne(): Uint8Array {
    return this.#held.take()?.bytes ?? new Uint8Array();
  }

  #takeAll(): Uint8Array {
    const pieces: Uint8Array[] = [];
    while (this.#held.length > 0) pieces.push(this.#takeOne());
    return Buffer.concat(pieces);
  }
}
