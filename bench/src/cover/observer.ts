import type { TappedConnection } from '@quietroom/testing';

/** The records of a part of a connection, and when its user wrote a message in it. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly connection: TappedConnection;
  /** When messages were written, in milliseconds; none: an idle window. */
  readonly writtenMs: readonly number[];
}

/** Numbers that an observer can take from a window without knowing its content. */
type Feature = (seen: Seen) => number;

interface Seen {
  readonly up: readonly number[];
  readonly down: readonly number[];
  readonly upBytes: readonly number[];
  readonly downBytes: readonly number[];
}

/** A record of the other direction within this time answers. */
const ANSWER_MS = 20;

const FEATURES: readonly Feature[] = [
  ({ up }) => up.length,
  ({ down }) => down.length,
  ({ upBytes }) => sum(upBytes),
  ({ downBytes }) => sum(downBytes),
  ({ upBytes }) => new Set(upBytes).size,
  ({ downBytes }) => deviation(downBytes),
  ({ up }) => deviation(pauses(up)),
  ({ down }) => deviation(pauses(down)),
  ({ up }) => Math.min(...pauses(up)),
  ({ down }) => Math.min(...pauses(down)),
  ({ up, down }) => answered(up, down).length,
];

/** How well an observer tells windows with messages from idle ones: 0.5 is guessing, 1 is always. */
export function aucOf(windows: readonly Window[]): number {
  const rows = windows.map((window) => {
    const seen = seenIn(window);
    return { isActive: window.writtenMs.length > 0, features: FEATURES.map((feature) => feature(seen)) };
  });
  // The observer chooses the feature by other windows than those that it is judged by.
  const [known, judged] = [
    rows.filter((_, index) => index % 2 === 0),
    rows.filter((_, index) => index % 2 === 1),
  ];
  const aucs = FEATURES.map((_, feature) => featureAuc(known, feature));
  const best = aucs.reduce(
    (found, auc, index) => (Math.abs(auc - 0.5) > Math.abs((aucs[found] ?? 0.5) - 0.5) ? index : found),
    0,
  );
  const auc = featureAuc(judged, best);
  return (aucs[best] ?? 0.5) < 0.5 ? 1 - auc : auc;
}

/**
 * How well an observer finds single messages: the F1 score of taking each record that the client sends for a message
 * when an answer follows at once.
 *
 * @param delayMs how long after the call its record can be sent
 */
export function f1Of(windows: readonly Window[], delayMs: number): number {
  let hits = 0;
  let guesses = 0;
  let messages = 0;
  for (const window of windows) {
    const { up, down } = seenIn(window);
    const open = [...window.writtenMs];
    messages += open.length;
    for (const at of answered(up, down)) {
      guesses++;
      const found = open.findIndex((written) => at >= written - 1 && at <= written + delayMs);
      if (found < 0) continue;
      open.splice(found, 1);
      hits++;
    }
  }
  return hits === 0 ? 0 : (2 * hits) / (guesses + messages);
}

function seenIn({ startMs, endMs, connection }: Window): Seen {
  const within = (times: readonly number[], sizes: readonly number[]): [number[], number[]] => {
    const indices = times.flatMap((at, index) => (at >= startMs && at < endMs ? [index] : []));
    return [indices.map((index) => times[index] ?? 0), indices.map((index) => sizes[index] ?? 0)];
  };
  const [up, upBytes] = within(connection.upTimes, connection.up);
  const [down, downBytes] = within(connection.downTimes, connection.down);
  return { up, down, upBytes, downBytes };
}

/** The records that a record of the other direction follows at once. */
function answered(up: readonly number[], down: readonly number[]): number[] {
  return up.filter((at) => down.some((answer) => answer >= at && answer <= at + ANSWER_MS));
}

/** The probability that an active window has more of a feature than an idle one. */
function featureAuc(
  rows: readonly { readonly isActive: boolean; readonly features: readonly number[] }[],
  feature: number,
): number {
  const values = (isActive: boolean): number[] =>
    rows.filter((row) => row.isActive === isActive).map(({ features }) => features[feature] ?? 0);
  const [active, idle] = [values(true), values(false)];
  let won = 0;
  for (const one of active) for (const other of idle) won += one > other ? 1 : one === other ? 0.5 : 0;
  return won / (active.length * idle.length);
}

function pauses(times: readonly number[]): number[] {
  return times.length < 2 ? [0] : times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function deviation(values: readonly number[]): number {
  const mean = sum(values) / Math.max(1, values.length);
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length));
}
