import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketDecoder } from '@quietroom/protocol';
import {
  buildPacket,
  cut,
  join,
  openPacket,
  recordsByGo,
  recordsByNode,
  seededBytes,
  propertyRuns,
} from '@quietroom/testing';
import fc from 'fast-check';

const key = Buffer.alloc(32, 8);

/** What a stream is made of: sealed packets, and what is none. */
interface Piece {
  readonly bytes: Buffer;
  /** Of a sealed packet: its plaintext in hex behind its type, and where its data ends in the piece. */
  readonly packet?: { readonly content: string; readonly end: number };
}

const contentOf = (type: number, plaintext: Uint8Array): string =>
  `${type}:${Buffer.from(plaintext).toString('hex')}`;

const seed = fc.nat();

/** Padding as peers write it, and as nobody would who means well. */
const padding = fc.oneof(
  fc.nat(1023).map((size) => Buffer.alloc(size)),
  fc.tuple(seed, fc.nat(1023)).map(([from, size]) => seededBytes(from, size)),
  // Traps: few, since each costs a try, and the budget knows a peer that means ill by their number.
  fc
    .tuple(fc.nat(24), fc.constantFrom('017fff', '010028', '01', '0300ff01', '018000', '020000'))
    .map(([size, pattern]) => Buffer.alloc(size, Buffer.from(pattern, 'hex'))),
);

const plaintextSize = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(5000) },
  { weight: 1, arbitrary: fc.constantFrom(481, 993, 16353, 16354, 32740) },
);

const sealed: fc.Arbitrary<Piece> = fc
  .record({ type: fc.constantFrom(1, 3), size: plaintextSize, from: seed, padding })
  .map(({ type, size, from, padding: tail }) => {
    const plaintext = seededBytes(from, size);
    const nonce = seededBytes(from + 1, 12);
    return {
      bytes: buildPacket({ key, type, plaintext, padding: tail, nonce }),
      packet: { content: contentOf(type, plaintext), end: 3 + 28 + size },
    };
  });

const decoy: fc.Arbitrary<Piece> = fc
  .record({ size: fc.nat(700), announced: fc.option(fc.nat(65535)), from: seed, padding })
  .map(({ size, announced, from, padding: tail }) => {
    const n = announced ?? size;
    return { bytes: Buffer.concat([Buffer.of(2, n >> 8, n & 255), seededBytes(from, size), tail]) };
  });

const garbage: fc.Arbitrary<Piece> = fc
  .tuple(seed, fc.oneof(fc.nat(40), fc.nat(6000)))
  .map(([from, size]) => ({ bytes: seededBytes(from, size) }));

const honest = fc.array(fc.oneof({ weight: 5, arbitrary: sealed }, { weight: 1, arbitrary: decoy }), {
  minLength: 1,
  maxLength: 12,
});
const wild = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: sealed },
    { weight: 1, arbitrary: decoy },
    { weight: 2, arbitrary: garbage },
  ),
  { minLength: 1, maxLength: 10 },
);

/** What has come out of a decoder: each packet with the number of the call that gave it. */
type Output = readonly { readonly content: string; readonly call: number }[];

function decode(chunks: readonly Uint8Array[]): { output: Output; decoder: PacketDecoder } {
  const decoder = new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  const output = chunks.flatMap((chunk, call) =>
    decoder.receive(chunk).map(({ type, plaintext }) => ({ content: contentOf(type, plaintext), call })),
  );
  return { output, decoder };
}

/** What must come out: each packet in the call whose chunk holds its last data byte. */
function expected(pieces: readonly Piece[], chunks: readonly Uint8Array[]): Output {
  const ends: number[] = [];
  let streamed = 0;
  for (const chunk of chunks) ends.push((streamed += chunk.length));
  let at = 0;
  return pieces.flatMap(({ bytes, packet }) => {
    const start = at;
    at += bytes.length;
    if (!packet) return [];
    return [{ content: packet.content, call: ends.findIndex((end) => end >= start + packet.end) }];
  });
}

function assertDecodes(pieces: readonly Piece[], chunks: readonly Uint8Array[]): PacketDecoder {
  const { output, decoder } = decode(chunks);
  assert.deepEqual(output, expected(pieces, chunks));
  assert.equal(decoder.failure, undefined);
  return decoder;
}

const bytesOf = (pieces: readonly Piece[]): Buffer[] => pieces.map(({ bytes }) => bytes);
const streamOf = (pieces: readonly Piece[]): Buffer => Buffer.concat(bytesOf(pieces));

const cutSizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 700 }),
    fc.integer({ min: 1, max: 20000 }),
  ),
  { maxLength: 60 },
);

const check = <T>(name: string, property: fc.IProperty<T>, numRuns: number): void => {
  test(name, () => {
    fc.assert(property, { numRuns: propertyRuns(numRuns) });
  });
};

check(
  'Packets and decoys, a record each as Node makes them, all come out',
  fc.property(honest, fc.constantFrom(512, 1024, 16384), (pieces, fragment) => {
    assertDecodes(pieces, recordsByNode(bytesOf(pieces), fragment));
  }),
  60,
);

check(
  "Packets and decoys in Go's growing records, with padding that is cut by their ends, all come out",
  fc.property(honest, (pieces) => {
    assertDecodes(pieces, recordsByGo(bytesOf(pieces)));
  }),
  60,
);

check(
  'Packets that are joined into records in any way all come out',
  fc.property(honest, fc.array(fc.integer({ min: 1, max: 6 })), (pieces, counts) => {
    assertDecodes(pieces, recordsByNode(join(bytesOf(pieces), counts)));
  }),
  60,
);

check(
  'Packets, decoys and kilobytes of garbage, cut in any way, all come out',
  fc.property(wild, cutSizes, (pieces, sizes) => {
    assertDecodes(pieces, cut(streamOf(pieces), sizes));
  }),
  120,
);

check(
  'The same in pieces of one size, from single bytes to megabytes',
  fc.property(wild, fc.constantFrom(1, 2, 3, 4, 31, 512, 16384, 1e6), (pieces, size) => {
    const stream = streamOf(pieces);
    const sizes = Array<number>(Math.ceil(stream.length / size)).fill(size);
    assertDecodes(pieces, cut(stream, sizes));
  }),
  50,
);

check(
  'Records at whose start a packet begins, or goes on, cause no resyncs',
  fc.property(fc.array(sealed, { minLength: 1, maxLength: 10 }), (pieces) => {
    const decoder = assertDecodes(pieces, recordsByNode(bytesOf(pieces)));
    assert.equal(decoder.counters.resyncs, 0);
    assert.equal(decoder.counters.packets, pieces.length);
    // All bytes but those of packets and of what is behind the last one.
    const last = pieces.at(-1);
    const behind = (last?.bytes.length ?? 0) - (last?.packet?.end ?? 0);
    const ofPackets = pieces.reduce((sum, { packet }) => sum + (packet?.end ?? 0), 0);
    assert.equal(decoder.counters.discardedBytes, streamOf(pieces).length - ofPackets - behind);
  }),
  60,
);

check(
  'Packets of random bytes that nobody sealed never come out',
  fc.property(fc.array(garbage, { maxLength: 6 }), cutSizes, (pieces, sizes) => {
    assert.deepEqual(decode(cut(streamOf(pieces), sizes)).output, []);
  }),
  50,
);
