import type { SessionCounters } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';
import type { ConnectorState } from './state.js';

/** Counters of a connector over all its connections, and its present state. */
export interface ConnectorStats {
  readonly state: ConnectorState;
  /** Successful logins. */
  readonly connections: number;
  /** Packets sent, including decoys. */
  readonly packetsSent: number;
  /** Authentic packets received; decoys are not counted. */
  readonly packetsReceived: number;
  /** Bytes inside TLS, including padding and decoys. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Packets that did not begin at the start of a TLS record and were found by searching. */
  readonly resyncs: number;
  /** Bytes outside authentic packets: padding, decoys and garbage. */
  readonly discardedBytes: number;
  /** Candidate packets whose authentication tag did not verify. */
  readonly failedTags: number;
  /** Texts that were not valid UTF-8. */
  readonly invalidUtf8: number;
  /** Files that the server passed on whole. */
  readonly filesSent: number;
  /** Files that were received whole. */
  readonly filesReceived: number;
  /** Files in either direction that were begun and did not get through: stopped and declined ones included. */
  readonly filesFailed: number;
  /** Messages that have not been handed to TLS yet, and the size of their packets. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** Requests that were sent and await their answer. */
  readonly unanswered: number;
  /** When anything last arrived from the server, including decoys. */
  readonly lastReceivedAt: Date | undefined;
  /** The last measured round trip, in seconds. */
  readonly rtt: number | undefined;
}

/** How the transfers so far have ended. */
export type FileCounts = Pick<ConnectorStats, 'filesSent' | 'filesReceived' | 'filesFailed'>;

const ZERO: SessionCounters = {
  packets: 0,
  packetsSent: 0,
  resyncs: 0,
  discardedBytes: 0,
  failedTags: 0,
  invalidUtf8: 0,
};

/** Counters over all connections of a connector. */
export class StatsRecorder {
  readonly #clock: Clock;
  #connections = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  #lastReceivedAt: number | undefined;
  #rtt: number | undefined;
  /** Of the connections that have ended. */
  #past: SessionCounters = ZERO;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the clock, when the last record arrived. */
  get lastReceivedAt(): number | undefined {
    return this.#lastReceivedAt;
  }

  connected(): void {
    this.#connections++;
  }

  received(bytes: number): void {
    this.#bytesReceived += bytes;
    this.#lastReceivedAt = this.#clock.now();
  }

  sent(bytes: number): void {
    this.#bytesSent += bytes;
  }

  measured(rtt: number): void {
    this.#rtt = rtt;
  }

  /** A connection with these counters has ended. */
  disconnected(counters: SessionCounters): void {
    this.#past = sum(this.#past, counters);
  }

  /** `current`: the counters of the connection that there is. */
  snapshot(
    current: SessionCounters | undefined,
    present: Pick<ConnectorStats, 'state' | 'queuedMessages' | 'queuedBytes' | 'unanswered'> & FileCounts,
  ): ConnectorStats {
    const { packets, ...counters } = current === undefined ? this.#past : sum(this.#past, current);
    const at = this.#lastReceivedAt;
    return {
      connections: this.#connections,
      packetsReceived: packets,
      ...counters,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
      lastReceivedAt: at === undefined ? undefined : new Date(Date.now() - (this.#clock.now() - at)),
      rtt: this.#rtt,
      ...present,
    };
  }
}

function sum(one: SessionCounters, other: SessionCounters): SessionCounters {
  const total = { ...one };
  // Exactly the keys of this type.
  for (const key of Object.keys(ZERO) as (keyof SessionCounters)[]) total[key] += other[key];
  return total;
}
