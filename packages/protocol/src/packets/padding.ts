import { CELL_BYTES } from './packetFormat.js';

/** How the packets of one shape fill TLS records. */
interface Shape {
  /** For help texts. */
  readonly summary: string;
  /** The TLS fragment size: the longest record. */
  readonly fragmentBytes: number;
  /** The padding is all the room, so that several packets can share a write and still get a record each. */
  readonly fillsRecords: boolean;
  /** The padding of a packet in a record with `room` bytes left, at least 1 and at most `room`. */
  padding(room: number, pick: PickInteger): number;
}

/** Returns a number from low to high, inclusive. */
export type PickInteger = (low: number, high: number) => number;

/** The most that a TLS record holds. */
const MAX_RECORD_BYTES = 16384;

const MAX_RANDOM_PADDING = 255;

/** The shapes of padding, by name. */
export const PADDING_SHAPES = {
  uniform: {
    summary: `to whole cells of ${CELL_BYTES} bytes`,
    fragmentBytes: CELL_BYTES,
    fillsRecords: true,
    padding: (room) => room,
  },
  random: {
    summary: `1 to ${MAX_RANDOM_PADDING} random bytes`,
    fragmentBytes: MAX_RECORD_BYTES,
    fillsRecords: false,
    padding: (room, pick) => Math.min(room, pick(1, MAX_RANDOM_PADDING)),
  },
} as const satisfies Readonly<Record<string, Shape>>;

/**
 * The shape of padding; fixed for a connection.
 *
 * - `uniform`: every packet fills whole cells of 512 bytes, so that all short messages have one size.
 * - `random`: 1 to 255 bytes of padding, as existing clients and servers send.
 */
export type PaddingShape = keyof typeof PADDING_SHAPES;

/** The names of all shapes. */
// Object.keys knows no keys but strings.
export const PADDING_SHAPE_NAMES = Object.keys(PADDING_SHAPES) as readonly PaddingShape[];

/** The TLS fragment size for each shape, in bytes: the longest record. */
export const FRAGMENT_BYTES = Object.fromEntries(
  Object.entries(PADDING_SHAPES).map(([name, { fragmentBytes }]) => [name, fragmentBytes]),
  // The entries are those of the table.
) as Readonly<Record<PaddingShape, number>>;

/**
 * The layout of a packet in writes: `head` bytes in a write of their own, then the rest with
 * `padding` zero bytes. `head` is usually 0.
 */
export interface Layout {
  readonly head: number;
  readonly padding: number;
}

const SHORTEST_HEAD = 3;

/**
 * 1.x readers take the rest of the record after the data for padding, and only that. So the
 * record of the last data byte must hold at least one byte of padding, and all of it.
 *
 * A packet that would end with its record has no room for padding: a short head is written first, in a
 * record of its own, so that the rest ends earlier.
 */
export function layoutPacket(bytes: number, name: PaddingShape, pick: PickInteger): Layout {
  const shape: Shape = PADDING_SHAPES[name];
  const { fragmentBytes } = shape;
  const inLastRecord = bytes % fragmentBytes;
  const head = inLastRecord === 0 ? pick(SHORTEST_HEAD, fragmentBytes - 1) : 0;
  const room = inLastRecord === 0 ? head : fragmentBytes - inLastRecord;
  return { head, padding: shape.padding(room, pick) };
}
