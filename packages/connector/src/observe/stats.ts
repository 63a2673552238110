import type { SessionCounters } from '@quietroom/protocol';
import type { ConnectorState } from '../connection/connectionState.js';

/** What a connector has done so far, over all its connections, and how it stands now. */
export interface ConnectorStats {
  readonly state: ConnectorState;
  /** Logins that succeeded. */
  readonly connections: number;
  /** Packets that were sent, decoys included. */
  readonly packetsSent: number;
  /** Authentic packets that were received; decoys are not among them. */
  readonly packetsReceived: number;
  /** Bytes inside TLS, with padding and decoys. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Packets that did not begin where a TLS record does, and were found by searching. */
  readonly resyncs: number;
  /** Bytes that belong to no authentic packet: padding, decoys and garbage. */
  readonly discardedBytes: number;
  /** Places that looked like a packet and were none. */
  readonly failedTags: number;
  /** Texts that were no valid UTF-8. */
  readonly invalidUtf8: number;
  /** What waits to be sent, as packets. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** Requests that have left and whose answers are still awaited. */
  readonly unanswered: number;
  /** When the server sent something last, decoys included. */
  readonly lastReceivedAt: Date | undefined;
  /** Seconds from a question to its answer, when that was measured last. */
  readonly rtt: number | undefined;
}

const ZERO: SessionCounters = {
  packets: 0,
  packetsSent: 0,
  resyncs: 0,
  discardedBytes: 0,
  failedTags: 0,
  invalidUtf8: 0,
};

/** The counters of all connections together; any may be missing. */
export function sumCounters(...counters: readonly (SessionCounters | undefined)[]): SessionCounters {
  const sum = { ...ZERO };
  for (const one of counters) {
    if (one === undefined) continue;
    for (const key of Object.keys(ZERO) as (keyof SessionCounters)[]) sum[key] += one[key];
  }
  return sum;
}
