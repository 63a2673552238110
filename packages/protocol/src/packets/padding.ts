import { randomInt } from 'node:crypto';

/** The shape of padding; fixed for a connection. */
export type PaddingShape = 'uniform' | 'random';

/**
 * The layout of a packet in writes: `head` bytes in a write of their own, then the rest with
 * `padding` zero bytes. `head` is usually 0.
 */
export interface Layout {
  readonly head: number;
  readonly padding: number;
}

/** Returns a number from low to high, inclusive. */
export type PickInteger = (low: number, high: number) => number;

const pickSecurely: PickInteger = (low, high) => randomInt(low, high + 1);

/** The TLS fragment size for a shape, in bytes: the longest record. */
export const FRAGMENT_BYTES = { uniform: 512, random: 16384 } as const satisfies Record<PaddingShape, number>;

const MAX_RANDOM_PADDING = 255;
const SHORTEST_HEAD = 3;

/**
 * 1.x readers take the rest of the record after the data for padding, and only that. So the
 * record of the last data byte must hold at least one byte of padding, and all of it.
 *
 * A packet that would end with its record has no room for padding: a short head is written first, in a
 * record of its own, so that the rest ends earlier.
 */
export function layoutPacket(bytes: number, shape: PaddingShape, pick: PickInteger = pickSecurely): Layout {
  const fragment = FRAGMENT_BYTES[shape];
  const inLastRecord = bytes % fragment;
  const head = inLastRecord === 0 ? pick(SHORTEST_HEAD, fragment - 1) : 0;
  const room = inLastRecord === 0 ? head : fragment - inLastRecord;
  return { head, padding: shape === 'uniform' ? room : Math.min(room, pick(1, MAX_RANDOM_PADDING)) };
}
