import { randomInt } from 'node:crypto';

/** How long packets get padded; a connection keeps one shape for its life. */
export type PaddingShape = 'uniform' | 'random';

/**
 * Where a packet's bytes go. `head` bytes go out in a write of their own; the rest follows with
 * `padding` zero bytes after it. `head` is 0 for nearly all packets.
 */
export interface Layout {
  readonly head: number;
  readonly padding: number;
}

/** A number in [low, high], both included. */
export type PickInteger = (low: number, high: number) => number;

const pickSecurely: PickInteger = (low, high) => randomInt(low, high + 1);

/** The TLS fragment size that goes with a shape, in bytes: the longest record. */
export const FRAGMENT_BYTES = { uniform: 512, random: 16384 } as const satisfies Record<PaddingShape, number>;

const MAX_RANDOM_PADDING = 255;
const SHORTEST_HEAD = 3;

/**
 * Readers of generation 1.x take what follows the data in its record for padding, and only that. So the
 * record of the last data byte must hold at least one byte of padding, and all of it.
 *
 * A packet that would end where its record ends has no room there: a short head is written first, in a
 * record of its own, and so the rest ends earlier.
 */
export function layoutPacket(bytes: number, shape: PaddingShape, pick: PickInteger = pickSecurely): Layout {
  const fragment = FRAGMENT_BYTES[shape];
  const inLastRecord = bytes % fragment;
  const head = inLastRecord === 0 ? pick(SHORTEST_HEAD, fragment - 1) : 0;
  const room = inLastRecord === 0 ? head : fragment - inLastRecord;
  return { head, padding: shape === 'uniform' ? room : Math.min(room, pick(1, MAX_RANDOM_PADDING)) };
}
