import { CELL_BYTES } from '@quietroom/protocol/internals';
import { TokenBucket } from '../limits/tokenBucket.js';
import type { Clock } from '../time/clock.js';
import { COST } from '../turns/costs.js';

/** Cells of input that carry no message: at once, and per second. Decoys and padding need a few per minute. */
const BURST = 4000;
const PER_SECOND = 100;

/**
 * An honest packet pays for its records, its padding, and the candidates in its ciphertext: one in 256 bytes, of which
 * those in a large packet are decrypted before it is whole.
 */
const CELLS_PER_PACKET = 4;
const CELLS_PER_PACKET_BYTE = 1 / 32;

/** A client is closed after it was slowed for this long. */
const MOST_SLOWED_MS = 10_000;

/** What one record held. */
export interface RecordContent {
  readonly bytes: number;
  /** Bytes and number of the packets that ended in it. */
  readonly packetBytes: number;
  readonly packets: number;
  /** Candidates that were decrypted in vain, and their bytes. */
  readonly failedTags: number;
  readonly failedBytes: number;
}

/** Limits the input that carries no message, and the time that is spent on it. */
export class JunkLimiter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #bucket: TokenBucket;
  /** The client is slowed until then. */
  #slowedUntil = Number.NEGATIVE_INFINITY;
  #credit = 0;
  #slowedMs = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, () => ({ perSecond: PER_SECOND, burst: BURST }));
  }

  get isSlowing(): boolean {
    return this.#clock.now() < this.#slowedUntil;
  }

  /** Milliseconds for which the client is to be slowed, usually 0; undefined when it is to be closed. */
  charge({ bytes, packets, packetBytes, failedTags, failedBytes }: RecordContent): number | undefined {
    const failedCost = failedTags * COST.failedTag + failedBytes / COST.failedBytesPerUnit;
    const cells = 1 + bytes / CELL_BYTES + failedCost / COST.record;
    this.#credit += packets * CELLS_PER_PACKET + packetBytes * CELLS_PER_PACKET_BYTE;
    const paid = Math.min(this.#credit, cells);
    this.#credit -= paid;
    if (packets > 0) this.#credit = Math.min(this.#credit, BURST);
    const waitMs = this.#bucket.take(cells - paid);
    if (waitMs === 0) {
      if (this.#bucket.isFull) this.#slowedMs = 0;
      return 0;
    }
    this.#slowedUntil = this.#clock.now() + waitMs;
    this.#slowedMs += waitMs;
    return this.#slowedMs > MOST_SLOWED_MS ? undefined : waitMs;
  }
}
