import { CLOSE_REASONS, TRANSFER_ENDS, type CloseReason, type TransferEnd } from './reasons.js';

/** Upper bounds of the buckets of handshake times, in seconds. */
export const HANDSHAKE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** The counters of a server. */
export class Counters {
  /** Connections that were accepted. */
  accepted = 0;
  logins = 0;
  /** Texts received from users. */
  messagesReceived = 0;
  /** Texts sent, counted once for each recipient. */
  deliveries = 0;
  /** Files that were offered. */
  offers = 0;
  /** Bytes of files that were relayed. */
  fileBytes = 0;
  /** Bytes on the network of closed connections, TLS included. */
  bytesIn = 0;
  bytesOut = 0;
  handshakeCount = 0;
  handshakeSeconds = 0;
  handshakeMaxSeconds = 0;
  /** The number of handshakes in each bucket and, last, above all of them; not cumulative. */
  readonly handshakeBuckets = Array.from({ length: HANDSHAKE_BUCKETS.length + 1 }, () => 0);
  readonly #closed = new Map<CloseReason, number>(CLOSE_REASONS.map((reason) => [reason, 0]));
  readonly #transfersEnded = new Map<TransferEnd, number>(TRANSFER_ENDS.map((end) => [end, 0]));

  handshakeDone(seconds: number): void {
    this.handshakeCount++;
    this.handshakeSeconds += seconds;
    this.handshakeMaxSeconds = Math.max(this.handshakeMaxSeconds, seconds);
    const found = HANDSHAKE_BUCKETS.findIndex((bound) => seconds <= bound);
    const index = found < 0 ? HANDSHAKE_BUCKETS.length : found;
    this.handshakeBuckets[index] = (this.handshakeBuckets[index] ?? 0) + 1;
  }

  closed(reason: CloseReason): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }

  transferEnded(end: TransferEnd): void {
    this.#transfersEnded.set(end, (this.#transfersEnded.get(end) ?? 0) + 1);
  }

  get transfersByEnd(): Record<TransferEnd, number> {
    return Object.fromEntries(this.#transfersEnded) as Record<TransferEnd, number>;
  }

  get closedByReason(): Record<CloseReason, number> {
    return Object.fromEntries(this.#closed) as Record<CloseReason, number>;
  }
}
