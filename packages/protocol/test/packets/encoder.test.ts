import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketCipher } from '#src/packets/cipher.js';
import { PacketEncoder, type Write } from '#src/packets/encoder.js';
import { NonceSequence } from '#src/packets/nonces.js';
import { layoutPacket, type PickInteger } from '#src/packets/padding.js';
import {
  FRAGMENT_BYTES,
  type PaddingShape,
  MAX_DATA_BYTES,
  MAX_PLAINTEXT_BYTES,
  PacketDecoder,
} from '@quietroom/protocol';
import { PADDING_SHAPE_NAMES, PADDING_SHAPES } from '@quietroom/protocol/internals';
import { openPacket, readLike1x, recordsByNode, type Arrival } from '@quietroom/testing';
import fc from 'fast-check';

const key = Buffer.alloc(32, 3);

const lowest: PickInteger = (low) => low;
const highest: PickInteger = (_, high) => high;

const SEALED_OVERHEAD = 3 + 28;

function newEncoder(shape: PaddingShape, pick?: PickInteger): PacketEncoder {
  const cipher = new PacketCipher(Buffer.from(key), new NonceSequence('client'));
  return new PacketEncoder(cipher, shape, pick);
}

function writesOf(encoder: PacketEncoder): Write[] {
  const writes: Write[] = [];
  for (let write = encoder.next(); write; write = encoder.next()) writes.push(write);
  return writes;
}

const recordsOf = (writes: readonly Write[], shape: PaddingShape): Uint8Array[] =>
  recordsByNode(
    writes.map((write) => write.bytes),
    FRAGMENT_BYTES[shape],
  );

/** The plaintexts that a 1.x reader gets; what it cannot open counts too. */
const readBy1x = (records: readonly Uint8Array[], arrival: Arrival): (Buffer | undefined)[] =>
  readLike1x(records, arrival).map(({ data }) => openPacket(key, data));

function readByUs(records: readonly Uint8Array[]): Buffer[] {
  const decoder = new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  return records.flatMap((record) => decoder.receive(record).map((packet) => packet.plaintext));
}

/** A text of exactly this many bytes that says its number, as far as it has room. */
function plaintext(size: number): Buffer {
  return Buffer.alloc(size, `${size}.`);
}

/** Every size up to 5,000, and those whose packets come near a whole number of cells or of records. */
function* messageSizes(): Generator<number> {
  for (let size = 0; size <= 5000; size++) yield size;
  for (let multiple = 512; multiple <= MAX_DATA_BYTES + 512; multiple += 512) {
    for (let near = -3; near <= 3; near++) {
      // The size of the message, of its data and of its packet come near the multiple.
      for (const overhead of [0, 28, SEALED_OVERHEAD]) {
        const size = multiple + near - overhead;
        if (size > 5000 && size <= MAX_PLAINTEXT_BYTES) yield size;
      }
    }
  }
}

for (const shape of PADDING_SHAPE_NAMES) {
  test(`${shape}: messages of every size pass a 1.x reader and our own, in a burst or spaced, in order`, () => {
    const encoder = newEncoder(shape);
    const sizes: number[] = [];
    const failures: string[] = [];
    const flush = (): void => {
      const records = recordsOf(writesOf(encoder), shape);
      const expected = sizes.splice(0).map(plaintext);
      for (const [reader, got] of [
        ['burst', readBy1x(records, 'burst')],
        ['spaced', readBy1x(records, 'spaced')],
        ['ours', readByUs(records)],
      ] as const) {
        const same =
          got.length === expected.length && expected.every((bytes, index) => got[index]?.equals(bytes));
        if (!same) failures.push(`${reader}: up to ${expected.at(-1)?.length} bytes`);
      }
    };
    for (const size of messageSizes()) {
      encoder.addSealed(size % 2 === 0 ? 1 : 3, plaintext(size));
      sizes.push(size);
      if (sizes.length === 400) flush();
    }
    flush();
    assert.deepEqual(failures, []);
  });

  test(`${shape}: decoys of every size, up to the longest, cost no message beside them`, () => {
    const encoder = newEncoder(shape);
    const sizes = [...Array(1100).keys(), 16380, 16381, 16382, 32764, 32765, 32766, 32767, 32768];
    for (const size of sizes) {
      encoder.addDecoy(size);
      encoder.addSealed(1, plaintext(size % 97));
    }
    const records = recordsOf(writesOf(encoder), shape);
    const packets = readLike1x(records);
    assert.deepEqual(
      packets.filter(({ type }) => type === 2).map(({ data }) => data.length),
      sizes,
    );
    const expected = sizes.map((size) => plaintext(size % 97));
    assert.deepEqual(
      packets.filter(({ type }) => type === 1).map(({ data }) => openPacket(key, data)),
      expected,
    );
    assert.deepEqual(readByUs(records), expected);
  });

  test(`${shape}: types, lengths and data are at their places in the layout`, () => {
    const encoder = newEncoder(shape);
    encoder.addSealed(1, Buffer.from('text'));
    encoder.addSealed(3, Buffer.from('file'));
    encoder.addDecoy(300);
    const packets = readLike1x(recordsOf(writesOf(encoder), shape));
    assert.deepEqual(
      packets.map(({ type, data }) => [type, data.length]),
      [
        [1, 32],
        [3, 32],
        [2, 300],
      ],
    );
    const decoy = packets[2]?.data ?? Buffer.alloc(0);
    assert.ok(new Set(decoy).size > 100, 'a decoy is random');
  });

  test(`${shape}: any mixture of packets, taken at any pace, passes a 1.x reader`, () => {
    const size = fc.oneof(
      fc.nat(700),
      fc.nat(5000),
      fc.tuple(fc.integer({ min: 1, max: 64 }), fc.nat(6)).map(([k, near]) => k * 512 + near - 3 - 31),
    );
    const action = fc.oneof(
      fc.record({ add: fc.constantFrom(1, 2, 3), size }),
      fc.record({ take: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const encoder = newEncoder(shape);
        const writes: Write[] = [];
        const expected: { type: number; bytes: number }[] = [];
        for (const step of actions) {
          if ('take' in step) {
            for (let count = 0; count < step.take; count++) {
              const write = encoder.next();
              if (write) writes.push(write);
            }
            continue;
          }
          const bytes = Math.max(0, Math.min(step.size, MAX_PLAINTEXT_BYTES));
          if (step.add === 2) encoder.addDecoy(bytes);
          else encoder.addSealed(step.add === 1 ? 1 : 3, Buffer.alloc(bytes, 1));
          expected.push({ type: step.add, bytes: step.add === 2 ? bytes : bytes + 28 });
        }
        writes.push(...writesOf(encoder));
        const read = readLike1x(recordsOf(writes, shape));
        assert.deepEqual(
          read.map(({ type, data }) => ({ type, bytes: data.length })),
          expected,
        );
        assert.ok(read.every(({ type, data }) => type === 2 || openPacket(key, data) !== undefined));
      }),
      { numRuns: 100 },
    );
  });

  test(`${shape}: the record of the last data byte holds at least one byte of padding, and all of it`, () => {
    const fragment = FRAGMENT_BYTES[shape];
    for (let bytes = 3; bytes <= 32771; bytes += bytes < 1100 ? 1 : 7) checkLayout(bytes);
    for (let cells = 1; cells <= 64; cells++) {
      for (let near = -3; near <= 3; near++) checkLayout(cells * 512 + near);
    }
    function checkLayout(bytes: number): void {
      for (const pick of [lowest, highest]) {
        const { head, padding } = layoutPacket(bytes, shape, pick);
        assert.ok(head === 0 || (head >= 3 && head < fragment), `head ${head} of ${bytes}`);
        const last = (bytes - head) % fragment;
        assert.notEqual(last, 0, `${bytes} bytes end where their record ends`);
        assert.ok(padding >= 1 && last + padding <= fragment, `padding ${padding} of ${bytes}`);
        if (PADDING_SHAPES[shape].fillsRecords) assert.equal(last + padding, fragment);
        else assert.ok(padding <= 255);
      }
    }
  });

  test(`${shape}: each write says the last packet that ends with it`, () => {
    const encoder = newEncoder(shape);
    const sizes = [10, 512 - SEALED_OVERHEAD, 16384 - SEALED_OVERHEAD, 20, 32740, 5];
    const numbers = sizes.map((size) => encoder.addSealed(1, plaintext(size)));
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
    const writes = writesOf(encoder);
    const sent: Uint8Array[] = [];
    for (const write of writes) {
      sent.push(write.bytes);
      const complete = readLike1x(recordsByNode(sent, FRAGMENT_BYTES[shape])).length;
      assert.equal(write.lastPacket, complete);
    }
    assert.equal(writes.at(-1)?.lastPacket, 6);
  });

  test(`${shape}: bytes are queued until they are returned`, () => {
    const encoder = newEncoder(shape);
    assert.equal(encoder.queuedBytes, 0);
    for (let count = 0; count < 500; count++) encoder.addSealed(1, plaintext(count));
    let left = encoder.queuedBytes;
    assert.ok(left >= 500 * SEALED_OVERHEAD);
    for (let write = encoder.next(); write; write = encoder.next()) {
      left -= write.bytes.length;
      assert.equal(encoder.queuedBytes, left);
    }
    assert.equal(left, 0);
    assert.equal(encoder.next(), undefined);
  });

  test(`${shape}: plaintexts that fit into a packet are sent, longer ones are refused`, () => {
    const encoder = newEncoder(shape);
    const tooLarge = { name: 'ProtocolError', code: 'PACKET_TOO_LARGE' };
    assert.throws(() => encoder.addSealed(1, Buffer.alloc(MAX_PLAINTEXT_BYTES + 1)), tooLarge);
    assert.throws(() => encoder.addDecoy(MAX_DATA_BYTES + 1), tooLarge);
    assert.equal(encoder.queuedBytes, 0);
    assert.equal(encoder.addSealed(1, Buffer.alloc(MAX_PLAINTEXT_BYTES)), 1);
    assert.equal(encoder.addDecoy(MAX_DATA_BYTES), 2);
    const sizes = readLike1x(recordsOf(writesOf(encoder), shape)).map(({ data }) => data.length);
    assert.deepEqual(sizes, [32768, 32768]);
  });

  test(`${shape}: a packet that could not be sealed leaves nothing in the queue`, () => {
    const cipher = new PacketCipher(
      Buffer.from(key),
      new NonceSequence('client', (size) => Buffer.alloc(size), 2 ** 40 - 2),
    );
    const encoder = new PacketEncoder(cipher, shape);
    assert.equal(encoder.addSealed(1, plaintext(1)), 1);
    assert.equal(encoder.addSealed(1, plaintext(2)), 2);
    const queued = encoder.queuedBytes;
    assert.throws(() => encoder.addSealed(1, plaintext(3)), { code: 'NONCES_EXHAUSTED' });
    assert.equal(encoder.queuedBytes, queued);
    assert.equal(encoder.addDecoy(9), 3);
    assert.deepEqual(
      readLike1x(recordsOf(writesOf(encoder), shape)).map(({ data }) => data.length),
      [29, 30, 9],
    );
  });
}

test('uniform: every packet fills whole cells of 512 bytes, and all short ones look alike', () => {
  const encoder = newEncoder('uniform');
  for (const size of [0, 1, 100, 480]) {
    encoder.addSealed(1, plaintext(size));
    assert.equal(encoder.next()?.bytes.length, 512);
  }
  for (const size of [482, 600, 1500, 16000, 30000]) {
    encoder.addSealed(1, plaintext(size));
    const length = encoder.next()?.bytes.length ?? 0;
    assert.equal(length, Math.ceil((size + SEALED_OVERHEAD) / 512) * 512);
  }
});

test('uniform: many packets go out in few writes, none of them longer than 64 KB', () => {
  const encoder = newEncoder('uniform');
  for (let count = 0; count < 1000; count++) encoder.addSealed(1, plaintext(count % 480));
  const writes = writesOf(encoder);
  assert.equal(writes.length, Math.ceil((1000 * 512) / 65536));
  assert.ok(writes.every(({ bytes }) => bytes.length <= 65536 && bytes.length % 512 === 0));
});

test('uniform: a packet of exactly whole cells goes out in two writes, the first alone and short', () => {
  const encoder = newEncoder('uniform');
  encoder.addSealed(1, plaintext(10));
  encoder.addSealed(1, plaintext(1024 - SEALED_OVERHEAD));
  encoder.addSealed(1, plaintext(20));
  const [before, head, rest, ...more] = writesOf(encoder);
  assert.deepEqual(more, []);
  assert.equal(before?.bytes.length, 512);
  assert.ok(head && head.bytes.length >= 3 && head.bytes.length < 512);
  assert.equal(rest?.bytes.length, 1024 + 512);
  assert.deepEqual([before.lastPacket, head.lastPacket, rest.lastPacket], [1, 1, 3]);
});

test('random: each packet is a write of its own, with 1 to 255 bytes of padding, all of which occur', () => {
  const encoder = newEncoder('random');
  const paddings = new Set<number>();
  for (let count = 0; count < 5000; count++) {
    encoder.addSealed(1, plaintext(40));
    paddings.add((encoder.next()?.bytes.length ?? 0) - 40 - SEALED_OVERHEAD);
    assert.equal(encoder.next(), undefined);
  }
  assert.equal(Math.min(...paddings), 1);
  assert.equal(Math.max(...paddings), 255);
  assert.equal(paddings.size, 255);
});

test('Padding is zero bytes, in which a searching reader finds no header', () => {
  for (const shape of PADDING_SHAPE_NAMES) {
    const encoder = newEncoder(shape);
    encoder.addSealed(1, plaintext(10));
    const padding = encoder.next()?.bytes.subarray(10 + SEALED_OVERHEAD) ?? [];
    assert.ok(padding.length > 0 && [...padding].every((byte) => byte === 0));
  }
});

for (const shape of PADDING_SHAPE_NAMES) {
  test(`${shape}: discarded packets are not sent, and later ones keep their numbers`, () => {
    const encoder = newEncoder(shape);
    encoder.addSealed(1, plaintext(40));
    assert.equal(encoder.next()?.lastPacket, 1);
    for (let count = 0; count < 3; count++) encoder.addSealed(1, plaintext(50));
    assert.equal(encoder.discard(), 1);
    assert.equal(encoder.queuedBytes, 0);
    assert.equal(encoder.next(), undefined);
    assert.equal(encoder.addSealed(1, plaintext(60)), 5);
    const writes = writesOf(encoder);
    assert.deepEqual(readByUs(recordsOf(writes, shape)), [plaintext(60)]);
    assert.deepEqual(
      writes.map(({ lastPacket }) => lastPacket),
      [5],
    );
  });
}

test('A partly sent packet is not discarded', () => {
  const encoder = newEncoder('uniform');
  encoder.addSealed(1, plaintext(1024 - SEALED_OVERHEAD));
  const head = encoder.next();
  encoder.addSealed(1, plaintext(50));
  assert.equal(encoder.discard(), 1);
  encoder.addSealed(1, plaintext(60));
  const writes = [...(head ? [head] : []), ...writesOf(encoder)];
  assert.deepEqual(readByUs(recordsOf(writes, 'uniform')), [
    plaintext(1024 - SEALED_OVERHEAD),
    plaintext(60),
  ]);
});

test('uniform: without joinsPackets, each packet has a write of its own, except those added as joined', () => {
  const encoder = newEncoder('uniform');
  encoder.joinsPackets = false;
  for (const isJoined of [false, false, true, false]) encoder.addSealed(1, plaintext(10), isJoined);
  const first = writesOf(encoder);
  assert.deepEqual(
    first.map(({ bytes, lastPacket }) => [bytes.length, lastPacket]),
    [
      [512, 1],
      [1024, 3],
      [512, 4],
    ],
  );
  // A packet of a whole number of cells takes two writes; the second of them is shared with nothing either.
  encoder.addSealed(1, plaintext(512 - SEALED_OVERHEAD));
  encoder.addSealed(1, plaintext(10));
  assert.deepEqual(
    writesOf(encoder).map(({ lastPacket }) => lastPacket),
    [4, 5, 6],
  );
  encoder.joinsPackets = true;
  for (let count = 0; count < 3; count++) encoder.addSealed(1, plaintext(10));
  assert.deepEqual(
    writesOf(encoder).map(({ bytes, lastPacket }) => [bytes.length, lastPacket]),
    [[1536, 9]],
  );
});

function cellsOf(encoder: PacketEncoder): Write[] {
  const cells: Write[] = [];
  for (let cell = encoder.nextCell(); cell; cell = encoder.nextCell()) cells.push(cell);
  return cells;
}

test('cells: messages of every size become cells of 512 bytes that every reader takes in order', () => {
  const encoder = newEncoder('uniform');
  const sizes = [...messageSizes()];
  for (const size of sizes) encoder.addSealed(1, plaintext(size));
  const cells = cellsOf(encoder);
  assert.ok(cells.every(({ bytes }) => bytes.length === 512));
  assert.equal(cells.at(-1)?.lastPacket, sizes.length);
  assert.equal(encoder.queuedBytes, 0);
  const records = cells.map(({ bytes }) => bytes);
  for (const got of [readBy1x(records, 'burst'), readBy1x(records, 'spaced'), readByUs(records)]) {
    const texts = got.filter((bytes) => bytes !== undefined);
    assert.equal(texts.length, sizes.length);
    assert.ok(sizes.every((size, index) => texts[index]?.equals(plaintext(size))));
  }
});

test('cells: a packet that is partly returned continues in the next write, and a needed decoy comes first', () => {
  const encoder = newEncoder('uniform');
  const texts = [2000, 512 - SEALED_OVERHEAD, 7].map(plaintext);
  encoder.addSealed(1, texts[0] ?? Buffer.alloc(0));
  const first = encoder.nextCell();
  const rest = encoder.next();
  encoder.addSealed(1, texts[1] ?? Buffer.alloc(0));
  const full = encoder.nextCell();
  encoder.addSealed(1, texts[2] ?? Buffer.alloc(0));
  const writes = [first, rest, full, ...writesOf(encoder)].filter((write) => write !== undefined);
  assert.deepEqual(
    writes.map(({ bytes, lastPacket }) => [bytes.length, lastPacket]),
    [
      [512, 0],
      [1536, 1],
      [512, 2],
      [512, 2],
      [512, 3],
    ],
  );
  const got = readBy1x(recordsOf(writes, 'uniform'), 'burst').filter((bytes) => bytes !== undefined);
  assert.deepEqual(got, texts);
});

test('cells: a packet without padding that continues in a write is followed by its decoy', () => {
  const encoder = newEncoder('uniform');
  const texts = [2 * 512 - SEALED_OVERHEAD, 7].map(plaintext);
  encoder.addSealed(1, texts[0] ?? Buffer.alloc(0));
  const first = encoder.nextCell();
  encoder.addSealed(1, texts[1] ?? Buffer.alloc(0));
  const writes = [first, ...writesOf(encoder)].filter((write) => write !== undefined);
  assert.deepEqual(
    writes.map(({ bytes, lastPacket }) => [bytes.length, lastPacket]),
    [
      [512, 0],
      [512, 1],
      [512, 1],
      [512, 2],
    ],
  );
  assert.equal(encoder.queuedBytes, 0);
  const got = readBy1x(recordsOf(writes, 'uniform'), 'spaced').filter((bytes) => bytes !== undefined);
  assert.deepEqual(got, texts);
});
