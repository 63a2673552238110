import { buildPacket, seededBytes } from '@quietroom/testing';

/** A stream of packets and junk, and what of it must come out. */
export interface PacketStream {
  readonly bytes: Buffer;
  /** The plaintexts of the whole packets, in order. */
  readonly plaintexts: readonly Buffer[];
  /** How the input says that the stream is to be cut. */
  readonly cuts: readonly number[];
}

/** Sealed packets cannot be made by mutation, so an input is a list of steps: `u8 step | u8 size | u8 padding`. */
export function packetStream(input: Buffer, key: Buffer): PacketStream {
  const pieces: Buffer[] = [];
  const plaintexts: Buffer[] = [];
  const cuts: number[] = [];
  let at = 0;
  const byte = (): number => input[at++] ?? 0;
  for (let count = 0; at < input.length && count < 200; count++) {
    const kind = byte() % 6;
    const size = byte();
    const paddingBytes = byte();
    const taken = input.subarray(at, at + size);
    const padding = Buffer.alloc(paddingBytes, 0x5a);
    const sealed = (type: number, nonce: Buffer): Buffer =>
      buildPacket({ key, type, plaintext: taken, padding, nonce });
    const nonce = seededBytes(count, 12);
    cuts.push(paddingBytes + 1);
    if (kind === 0 || kind === 1) {
      pieces.push(sealed(kind === 0 ? 1 : 3, nonce));
      plaintexts.push(Buffer.from(taken));
    } else if (kind === 2) {
      pieces.push(sealed(1, nonce).subarray(0, 3 + (size % 28)));
    } else if (kind === 3) {
      pieces.push(Buffer.concat([Buffer.of(2, 0, taken.length), taken, padding]));
    } else if (kind === 4) {
      // The header of a packet that never comes.
      pieces.push(Buffer.of(1 + 2 * (size & 1), size & 0x7f, paddingBytes));
      continue;
    } else {
      pieces.push(taken);
    }
    at += size;
  }
  return { bytes: Buffer.concat(pieces), plaintexts, cuts };
}

/** The bytes in one piece, and cut in another way, which depends on the bytes. */
export function waysToCut({ bytes, cuts }: PacketStream): [whole: Buffer[], other: Buffer[]] {
  const cycles = [[1], [7], [512], cuts.length > 0 ? cuts : [3]];
  const cycle = cycles[bytes.reduce((sum, byte) => sum + byte, 0) % cycles.length] ?? [1];
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = cycle[index % cycle.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [[bytes], pieces];
}

function step(kind: number, size: number, padding: number): Buffer {
  return Buffer.concat([Buffer.of(kind, size, padding), Buffer.alloc(size, 'hello [DM from a]: ')]);
}

/** Inputs with every step. */
export function packetScripts(): Buffer[] {
  return [
    Buffer.concat([step(0, 5, 10), step(1, 40, 0), step(0, 0, 255)]),
    Buffer.concat([step(2, 5, 0), step(0, 20, 3), step(3, 100, 20), step(0, 9, 1)]),
    Buffer.concat([Buffer.of(4, 1, 200), step(0, 3, 0), Buffer.of(4, 0x7f, 0xff), step(1, 8, 30)]),
    Buffer.concat([step(5, 60, 0), step(0, 60, 60), step(5, 3, 0), step(0, 1, 1)]),
  ];
}
