import { Fifo } from '@quietroom/protocol/internals';
import type { Interceptor, Writer } from '../client/clientTransport.js';
import type { Clock } from '../time/clock.js';

interface HeldRecord {
  readonly bytes: Uint8Array;
  /** When it may be sent. */
  readonly at: number;
}

/** Delays, splits or joins the records for a client, as a bad network or another implementation can. */
export class FaultyWriter implements Interceptor {
  /** The delay of each record. */
  delayMs = 0;
  /** Each write is cut into records of at most this size. */
  splitBytes = Number.POSITIVE_INFINITY;
  readonly #inner: Writer;
  readonly #clock: Clock;
  readonly #isJoined: boolean;
  readonly #held = new Fifo<HeldRecord>();
  #isSending = false;
  #isEnding = false;
  #timer: unknown;
  #isClosed = false;

  /** `isJoined`: the writes of one turn of the event loop share records. */
  constructor(inner: Writer, clock: Clock, isJoined: boolean) {
    this.#inner = inner;
    this.#clock = clock;
    this.#isJoined = isJoined;
  }

  /** Joined records stay: the TLS fragment size cannot be changed later. */
  clear(): void {
    this.delayMs = 0;
    this.splitBytes = Number.POSITIVE_INFINITY;
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    const { delayMs, splitBytes } = this;
    if (!this.#isSending && delayMs === 0 && !Number.isFinite(splitBytes) && !this.#isJoined) {
      this.#inner.write(bytes, taken);
      return;
    }
    const at = this.#clock.now() + delayMs;
    for (let from = 0; from < bytes.length; from += splitBytes) {
      this.#held.add({ bytes: bytes.subarray(from, from + splitBytes), at });
    }
    if (!this.#isSending) {
      this.#isSending = true;
      setImmediate(() => (this.#isJoined ? this.#join(0) : this.#sendNext()));
    }
    // For the sender, a held record was taken; a callback within this call could recurse.
    queueMicrotask(() => taken());
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isSending) this.#inner.end();
  }

  closed(): void {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** Joined writes wait until a turn brings no more of them. */
  #join(count: number): void {
    if (count === this.#held.length) this.#sendNext();
    else {
      const { length } = this.#held;
      setImmediate(() => this.#join(length));
    }
  }

  #sendNext(): void {
    const next = this.#held.first;
    if (this.#isClosed || next === undefined) {
      this.#isSending = false;
      if (this.#isEnding) this.end();
      return;
    }
    const waitMs = next.at - this.#clock.now();
    if (waitMs > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#sendNext(), waitMs);
      return;
    }
    this.#inner.write(this.#isJoined ? this.#takeAll() : this.#takeOne(), () => this.#sendNext());
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
