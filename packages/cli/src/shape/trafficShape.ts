import type { SeenRecord } from './recordTap.js';

/**
 * - `steady`: records of one size on a clock: they tell nothing but that the connection is there
 * - `varying`: sizes or times differ, so that they can tell when something is written
 * - `silent`: too few records to tell
 */
export type Verdict = 'steady' | 'varying' | 'silent';

/** Statistics of the records of one direction. */
export interface DirectionShape {
  readonly records: number;
  readonly recordsPerMinute: number;
  readonly bytes: number;
  /** The sizes of records and how many have each, the most frequent first. */
  readonly sizes: readonly { readonly bytes: number; readonly records: number }[];
  /** The median of the pauses between records, in seconds; null with fewer than two records. */
  readonly interval: number | null;
  /** The share of records on the clock that most follow: from 0 to 1. */
  readonly regularity: number;
  readonly verdict: Verdict;
  /** The conclusion of an observer, in one sentence. */
  readonly says: string;
}

/** Statistics of the records of a connection. */
export interface TrafficShape {
  readonly seconds: number;
  readonly up: DirectionShape;
  readonly down: DirectionShape;
  readonly verdict: Verdict;
}

/** Fewer records show no clock. */
const LEAST_RECORDS = 5;

/** A record is on the clock when it is off by at most this share of the interval. */
const TOLERANCE = 0.25;

/** Timers of a busy computer miss the clock now and then. */
const LEAST_REGULARITY = 0.95;

export function trafficShape(records: readonly SeenRecord[], seconds: number): TrafficShape {
  const up = directionShape(records, 'up', seconds);
  const down = directionShape(records, 'down', seconds);
  return { seconds, up, down, verdict: worst(up.verdict, down.verdict) };
}

/** A direction without records is `silent`, which with a steady other direction still shows each message. */
function worst(one: Verdict, other: Verdict): Verdict {
  if (one === other) return one;
  return one === 'varying' || other === 'varying' ? 'varying' : 'silent';
}

function directionShape(
  all: readonly SeenRecord[],
  direction: SeenRecord['direction'],
  seconds: number,
): DirectionShape {
  const records = all.filter((record) => record.direction === direction);
  const sizes = sizesOf(records);
  const interval = median(pausesOf(records));
  const regularity = interval === undefined ? 0 : shareOnClock(records, interval);
  const verdict = verdictOf(records.length, sizes.length, regularity);
  return {
    records: records.length,
    recordsPerMinute: round((records.length * 60) / seconds, 1),
    bytes: records.reduce((sum, { bytes }) => sum + bytes, 0),
    sizes,
    interval: interval === undefined ? null : round(interval / 1000, 3),
    regularity: round(regularity, 3),
    verdict,
    says: saying(verdict, sizes.length, regularity),
  };
}

function verdictOf(records: number, sizes: number, regularity: number): Verdict {
  if (records < LEAST_RECORDS) return 'silent';
  return sizes === 1 && regularity >= LEAST_REGULARITY ? 'steady' : 'varying';
}

function saying(verdict: Verdict, sizes: number, regularity: number): string {
  switch (verdict) {
    case 'steady':
      return 'Records of one size on a clock: they tell only that the connection is there.';
    case 'silent':
      return `Fewer than ${LEAST_RECORDS} records: each further one shows that something happens.`;
    case 'varying': {
      const reasons = [
        ...(sizes > 1 ? [`${sizes} sizes, which hint at what is sent`] : []),
        ...(regularity < LEAST_REGULARITY
          ? [`${Math.round((1 - regularity) * 100)} % of the records off the clock, which show when`]
          : []),
      ];
      return `An observer can tell activity from silence: ${reasons.join('; ')}.`;
    }
  }
}

function sizesOf(records: readonly SeenRecord[]): DirectionShape['sizes'] {
  const counts = new Map<number, number>();
  for (const { bytes } of records) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  return Array.from(counts, ([bytes, count]) => ({ bytes, records: count })).sort(
    (a, b) => b.records - a.records || a.bytes - b.bytes,
  );
}

function pausesOf(records: readonly SeenRecord[]): number[] {
  return records.slice(1).map(({ at }, index) => at - (records[index]?.at ?? 0));
}

/** Of the pauses, how many are one interval, or several: a tick may be missed. */
function shareOnClock(records: readonly SeenRecord[], intervalMs: number): number {
  const pauses = pausesOf(records);
  const onClock = pauses.filter((pause) => {
    const turns = Math.round(pause / intervalMs);
    return turns >= 1 && Math.abs(pause - turns * intervalMs) <= TOLERANCE * intervalMs;
  });
  return onClock.length / pauses.length;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
