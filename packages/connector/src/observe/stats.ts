import type { SessionCounters } from '@quietroom/protocol';
import { type CellCounts } from '@quietroom/protocol/internals';
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
  /** The last measured round trip, in seconds; in steady mode with the waits for the cells. */
  readonly rtt: number | undefined;
  /** In steady mode; else undefined. */
  readonly steady: SteadyStats | undefined;
}

/** The steady mode of a connector: the counts are of all its connections. */
export interface SteadyStats extends CellCounts {
  /** False without a connection, and while the mode is left for a file. */
  readonly isActive: boolean;
  /** Seconds between two cells. */
  readonly interval: number;
  /** Messages that wait for their cells: as `queuedMessages`. */
  readonly queue: number;
  /** Seconds from the calls to the cells of the messages so far, on average; undefined before the first. */
  readonly delay: number | undefined;
}

/** The steady mode of the connection that there is. */
export interface PresentSteady {
  readonly isActive: boolean;
  readonly intervalMs: number;
  readonly cells: CellCounts | undefined;
}

/** How the transfers so far have ended. */
export type FileCounts = Pick<ConnectorStats, 'filesSent' | 'filesReceived' | 'filesFailed'>;

const NO_CELLS: CellCounts = { cells: 0, coverCells: 0, missedTicks: 0 };

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
  #waits = 0;
  #waitedMs = 0;
  /** Of the connections that have ended. */
  #past: SessionCounters = ZERO;
  #pastCells: CellCounts = NO_CELLS;

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

  /** In steady mode, a message was sent so long after its call. */
  waited(ms: number): void {
    this.#waits++;
    this.#waitedMs += ms;
  }

  /** A connection with these counters has ended. */
  disconnected(counters: SessionCounters, cells: CellCounts | undefined): void {
    this.#past = sum(this.#past, counters, ZERO);
    if (cells) this.#pastCells = sum(this.#pastCells, cells, NO_CELLS);
  }

  /** `current`: the counters of the connection that there is. */
  snapshot(
    current: SessionCounters | undefined,
    present: Pick<ConnectorStats, 'state' | 'queuedMessages' | 'queuedBytes' | 'unanswered'> & FileCounts,
    steady: PresentSteady | undefined,
  ): ConnectorStats {
    const { packets, ...counters } = current === undefined ? this.#past : sum(this.#past, current, ZERO);
    const at = this.#lastReceivedAt;
    return {
      connections: this.#connections,
      packetsReceived: packets,
      ...counters,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
      lastReceivedAt: at === undefined ? undefined : new Date(Date.now() - (this.#clock.now() - at)),
      rtt: this.#rtt,
      steady: steady && this.#steadyStats(steady, present.queuedMessages),
      ...present,
    };
  }

  #steadyStats({ isActive, intervalMs, cells }: PresentSteady, queue: number): SteadyStats {
    return {
      ...(cells === undefined ? this.#pastCells : sum(this.#pastCells, cells, NO_CELLS)),
      isActive,
      interval: intervalMs / 1000,
      queue,
      delay: this.#waits === 0 ? undefined : this.#waitedMs / this.#waits / 1000,
    };
  }
}

/** Adds the counters that `zero` has. */
function sum<T extends Readonly<Record<keyof T, number>>>(one: T, other: T, zero: T): T {
  const total = { ...one };
  // Exactly the keys of this type, whose values are numbers.
  for (const key of Object.keys(zero) as (keyof T)[]) total[key] = (one[key] + other[key]) as T[keyof T];
  return total;
}
