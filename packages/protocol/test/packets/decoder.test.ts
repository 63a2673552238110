import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketDecoder, type Packet } from '@quietroom/protocol';
import { buildPacket, cut, openPacket, seededBytes } from '@quietroom/testing';

const key = Buffer.alloc(32, 5);

interface Try {
  readonly bytes: number;
  /** How much of the stream the decoder holds at that time. */
  readonly view: number;
  readonly allocated: number;
}

/** A decoder, and each call that it made to decrypt something. */
function newDecoder(): { decoder: PacketDecoder; tries: Try[] } {
  const tries: Try[] = [];
  const decoder = new PacketDecoder((source, start, end) => {
    tries.push({ bytes: end - start, view: source.length, allocated: source.buffer.byteLength });
    return openPacket(key, source.subarray(start, end));
  });
  return { decoder, tries };
}

/** The same nonces in every run: by chance, the byte after a cut packet can be the one that it lacks. */
let nonces = 0;

const packet = (text: string, padding: Uint8Array | number = 0, type = 1): Buffer =>
  buildPacket({
    key,
    type,
    plaintext: Buffer.from(text),
    padding: typeof padding === 'number' ? Buffer.alloc(padding) : padding,
    nonce: seededBytes(++nonces, 12),
  });

const textsOf = (packets: readonly Packet[]): string[] =>
  packets.map(({ plaintext }) => plaintext.toString());

/** The texts that come out of each chunk. */
const decode = (...chunks: Uint8Array[]): string[][] => {
  const { decoder } = newDecoder();
  return chunks.map((chunk) => textsOf(decoder.receive(chunk)));
};

/** A header and random data of the right size behind it. */
const fake = (type: number, n: number): Buffer =>
  Buffer.concat([Buffer.of(type, n >> 8, n & 255), seededBytes(n, n)]);

/** A sealed packet with another type or length in its header. */
const withHeader = (type: number, n: number, size = n): Buffer => {
  const bytes = packet('x'.repeat(Math.max(0, size - 28)), 9);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16BE(n, 1);
  return bytes;
};

/** Nothing of these is a packet; what follows them is, and comes out all the same. */
const BAD: readonly { name: string; bytes: Buffer; failedTags?: number }[] = [
  { name: 'nothing', bytes: Buffer.alloc(0) },
  { name: 'type 0 that would open', bytes: withHeader(0, 60) },
  { name: 'type 2 that would open', bytes: withHeader(2, 60) },
  { name: 'type 4 that would open', bytes: withHeader(4, 60) },
  { name: 'type 255 that would open', bytes: withHeader(255, 60) },
  { name: 'no data', bytes: Buffer.of(1, 0, 0, 0, 0) },
  { name: 'one byte less than nonce and tag', bytes: fake(1, 27), failedTags: 0 },
  { name: 'nonce and tag that fail', bytes: fake(1, 28), failedTags: 1 },
  { name: 'a file whose tag fails', bytes: fake(3, 100), failedTags: 1 },
  { name: 'one byte more than the longest data', bytes: Buffer.concat([fake(1, 32769), Buffer.alloc(9)]) },
  { name: 'a length of 65535 and little behind it', bytes: fake(1, 65535).subarray(0, 200) },
  { name: 'a length that is one too long', bytes: withHeader(1, 61, 60), failedTags: 1 },
  { name: 'a length that is one too short', bytes: withHeader(1, 59, 60), failedTags: 1 },
  { name: 'a packet that lacks its last byte', bytes: packet('cut').subarray(0, -1) },
  { name: 'a packet that lacks its first byte', bytes: packet('cut').subarray(1) },
  { name: 'a header alone', bytes: Buffer.of(1, 1, 0) },
  { name: 'two bytes of a header', bytes: Buffer.of(1, 1) },
  { name: 'one byte of a header', bytes: Buffer.of(3) },
  { name: 'a decoy', bytes: fake(2, 300) },
  { name: 'a decoy without data', bytes: Buffer.of(2, 0, 0) },
  { name: 'a decoy that announces more than it has', bytes: fake(2, 32768).subarray(0, 50) },
  { name: 'the longest decoy', bytes: fake(2, 32768) },
];

for (const { name, bytes, failedTags } of BAD) {
  test(`Before a packet there is ${name}: the packet comes out, and nothing else`, () => {
    const good = packet('good', 5);
    assert.deepEqual(decode(bytes, good), [[], ['good']]);
    assert.deepEqual(decode(Buffer.concat([bytes, good])), [['good']]);
    assert.deepEqual(decode(packet('first', 3), bytes, good), [['first'], [], ['good']]);
    const byteByByte = decode(...Array.from(Buffer.concat([bytes, good]), (byte) => Buffer.of(byte)));
    assert.deepEqual(byteByByte.flat(), ['good']);
    assert.deepEqual(byteByByte.at(-6), ['good'], 'with its last data byte');

    const { decoder, tries } = newDecoder();
    decoder.receive(bytes);
    assert.ok(tries.every((one) => one.bytes >= 28 && one.bytes <= 32768));
    // Random data can hold further headers that look right; zero or one of them is not worth a claim.
    if (failedTags !== undefined) assert.ok(decoder.counters.failedTags >= failedTags);
    decoder.receive(good);
    assert.equal(decoder.counters.discardedBytes, bytes.length);
    assert.equal(decoder.counters.packets, 1);
    assert.equal(decoder.failure, undefined);
  });
}

test('Texts and files come out with their type and their plaintext, from the smallest to the largest', () => {
  const { decoder } = newDecoder();
  for (const type of [1, 3] as const) {
    for (const size of [0, 1, 4068, 32739, 32740]) {
      const plaintext = seededBytes(size, size);
      const bytes = buildPacket({ key, type, plaintext, padding: Buffer.alloc(3) });
      const packets = cut(bytes, [16384, 16384]).flatMap((record) => decoder.receive(record));
      assert.deepEqual(packets, [{ type, plaintext }]);
    }
  }
});

test('A stream comes out the same, each packet in the call of its last byte, cut at any two places', () => {
  const stream = Buffer.concat([
    packet('one', Buffer.of(1, 0, 28)),
    packet('', 0, 3),
    Buffer.of(1, 0x7f),
    packet('three', Buffer.of(3)),
    packet('four', 1),
  ]);
  const ends = [34, 34 + 3 + 31, 34 + 3 + 31 + 2 + 36, stream.length - 1];
  const expected = ['one', '', 'three', 'four'];
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const bounds = [0, first, second, stream.length];
      const chunks = bounds.slice(1).map((end, index) => stream.subarray(bounds[index], end));
      const wanted = chunks.map((_, index) => {
        const [from = 0, to = 0] = bounds.slice(index, index + 2);
        return expected.filter((__, number) => {
          const end = ends[number] ?? 0;
          return end > from && end <= to;
        });
      });
      assert.deepEqual(decode(...chunks), wanted, `cut at ${first} and ${second}`);
    }
  }
});

test('Padding that looks like the header of a long packet holds nothing back', () => {
  const trap = Buffer.of(1, 0x7f, 0xff);
  assert.deepEqual(
    decode(
      packet('a', trap),
      packet('b', trap),
      Buffer.concat([trap, packet('c'), packet('d', trap)]),
      packet('e'),
    ),
    [['a'], ['b'], ['c', 'd'], ['e']],
  );
});

test('A packet across three records comes out with the third, despite a false header in each', () => {
  const long = seededBytes(1, 30_000).toString('hex').slice(0, 32_000);
  const bytes = packet(long, 300);
  const records = cut(bytes, [100, 16_384, 15_000]);
  assert.deepEqual(
    decode(packet('before', Buffer.of(3, 0x40, 0)), ...records, packet('after')),
    [['before'], [], [], [], [long], ['after']]
      .map((texts, index) => (index === 3 && records.length === 3 ? [long] : texts))
      .slice(0, 2 + records.length),
  );
});

test('The output does not depend on the buffer that a chunk came in', () => {
  const { decoder } = newDecoder();
  const bytes = packet('kept apart', 20);
  const shared = new Uint8Array(64);
  const out: Packet[] = [];
  for (const piece of cut(bytes, [10, 10, 10])) {
    shared.set(piece);
    out.push(...decoder.receive(shared.subarray(0, piece.length)));
    shared.fill(1);
  }
  assert.deepEqual(textsOf(out), ['kept apart']);
});

test('Packets at the start of a chunk are no resyncs, even when later chunks complete them', () => {
  const { decoder } = newDecoder();
  const spanning = packet('s'.repeat(1000), 20);
  for (const chunk of [packet('one', 9), ...cut(spanning, [512, 200]), packet('two', 9)])
    decoder.receive(chunk);
  assert.deepEqual(
    { ...decoder.counters, failedTags: 0, failedBytes: 0 },
    {
      packets: 3,
      resyncs: 0,
      discardedBytes: 29,
      failedTags: 0,
      failedBytes: 0,
    },
  );
});

test('Packets that are found elsewhere are counted as resyncs, also when later chunks complete them', () => {
  const { decoder } = newDecoder();
  const spanning = packet('s'.repeat(1000), 20);
  const [begin = spanning, rest = spanning] = cut(spanning, [600]);
  decoder.receive(Buffer.concat([packet('one', 9), packet('joined', 4), begin]));
  decoder.receive(rest);
  decoder.receive(Buffer.concat([Buffer.alloc(5), packet('after spilled padding')]));
  assert.equal(decoder.counters.packets, 4);
  assert.equal(decoder.counters.resyncs, 3);
  assert.equal(decoder.counters.discardedBytes, 9 + 4 + 20 + 5);
});

test('A first part of three bytes in a record of its own is the start of a packet, not a resync', () => {
  const { decoder } = newDecoder();
  decoder.receive(packet('before', 9));
  for (const chunk of cut(packet('in two writes', 9), [3])) decoder.receive(chunk);
  assert.equal(decoder.counters.packets, 2);
  assert.equal(decoder.counters.resyncs, 0);
});

/** A packet whose nonce holds the header of another one: a trap inside of what is authentic. */
const trapped = (n: number, padding: number): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt8(1, 2);
  nonce.writeUInt16BE(n, 3);
  return buildPacket({ key, type: 1, plaintext: Buffer.from('real'), padding: Buffer.alloc(padding), nonce });
};

test('Candidates inside an authentic packet are never tried', () => {
  // Real data ends after 35 bytes; the trap, at 5, ends before it or behind it.
  for (const n of [28, 40]) {
    const { decoder, tries } = newDecoder();
    const bytes = trapped(n, 60);
    assert.deepEqual(textsOf(decoder.receive(bytes)), ['real'], 'at the start of a record');
    assert.deepEqual(textsOf(decoder.receive(Buffer.concat([packet('x', 3), bytes]))), ['x', 'real']);
    assert.equal(tries.length, 3);
  }
  const { decoder, tries } = newDecoder();
  const [begin = Buffer.alloc(0), rest = Buffer.alloc(0)] = cut(trapped(40, 60), [20]);
  decoder.receive(begin);
  assert.deepEqual(textsOf(decoder.receive(rest)), ['real'], 'both open, the real one ends first');
  assert.equal(tries.length, 1);
});

test('A whole packet at the start of a record that fails is tried once, regardless of earlier bytes', () => {
  const failing = Buffer.concat([Buffer.of(1, 0, 28), Buffer.alloc(40)]);
  const { decoder, tries } = newDecoder();
  decoder.receive(failing);
  assert.equal(tries.length, 1);
  decoder.receive(Buffer.of(0, 1));
  decoder.receive(failing);
  assert.equal(tries.length, 2);
  assert.equal(decoder.counters.failedTags, 2);
});

test('Padding without a header is not kept', () => {
  const { decoder, tries } = newDecoder();
  for (let count = 0; count < 100; count++) decoder.receive(Buffer.alloc(10_000));
  const last = Buffer.concat([Buffer.alloc(1), packet('found')]);
  assert.deepEqual(textsOf(decoder.receive(last)), ['found']);
  assert.ok((tries.at(-1)?.view ?? Infinity) <= last.length + 2);
});

test('A packet at the start of a record drops all earlier bytes', () => {
  const { decoder, tries } = newDecoder();
  const last = packet('in two pieces');
  for (const chunk of [Buffer.of(0, 1, 0x7f, 0xff), packet('one', 1000), ...cut(last, [20])]) {
    decoder.receive(chunk);
  }
  assert.equal(decoder.counters.packets, 2);
  assert.ok((tries.at(-1)?.view ?? Infinity) <= last.length + 2);
});

test('The longest packet is kept whole until its last byte, after a false header that failed', () => {
  const text = 'l'.repeat(32740);
  const [begin, rest, last] = cut(packet(text), [10_000, 22_770]);
  const trap = Buffer.concat([Buffer.of(1, 0x40, 0), begin ?? Buffer.alloc(0)]);
  assert.equal(last?.length, 1);
  const { decoder } = newDecoder();
  assert.deepEqual(decoder.receive(trap), []);
  assert.deepEqual(decoder.receive(rest ?? Buffer.alloc(0)), []);
  // Its type stands in the first byte that is kept.
  assert.deepEqual(decoder.receive(last), [{ type: 1, plaintext: Buffer.from(text) }]);
});

test('No candidate is decrypted twice', () => {
  const tried = new Map<string, number>();
  const decoder = new PacketDecoder((source, start, end) => {
    const data = Buffer.from(source.subarray(start, end)).toString('base64');
    tried.set(data, (tried.get(data) ?? 0) + 1);
    return openPacket(key, source.subarray(start, end));
  });
  const garbage = Array.from({ length: 20 }, (_, seed) => seededBytes(seed, 3000));
  for (const chunk of [...garbage, packet('end', 20), ...garbage]) {
    for (const piece of cut(chunk, [700, 1, 1, 1300])) decoder.receive(piece);
  }
  assert.ok(tried.size > 50);
  const counts = [...tried.values()];
  // The same garbage comes twice, and so may the same candidate; a third time would be one too many.
  assert.ok(counts.every((count) => count <= 2));
});

const KB = 1024;
const FREE_BYTES = 1024 * KB;

/** The least and the most that the budget lets pass, by DESIGN.md: 1 MB and 128 times what came. */
const budget = (received: number): number => FREE_BYTES + 128 * received;

const PATTERNS: readonly { name: string; pattern: Buffer }[] = [
  { name: '01 7f ff', pattern: Buffer.of(1, 0x7f, 0xff) },
  { name: '03 80 00', pattern: Buffer.of(3, 0x80, 0) },
  { name: '01 01 01', pattern: Buffer.of(1) },
  { name: '03 03 03', pattern: Buffer.of(3) },
  { name: '01 00 1c', pattern: Buffer.of(1, 0, 28) },
  { name: '01 00 1c in each 17 bytes', pattern: Buffer.alloc(17, 0xff).fill(Buffer.of(1, 0, 28), 0, 3) },
  { name: '01 20 00', pattern: Buffer.of(1, 0x20, 0) },
  { name: '01 01 03 03', pattern: Buffer.of(1, 1, 3, 3) },
];

for (const { name, pattern } of PATTERNS) {
  for (const chunkBytes of [1, 100, 512, 16384, 1_000_000]) {
    test(`A stream of headers ${name} in chunks of ${chunkBytes} ends in a failure of bounded cost`, () => {
      const { decoder, tries } = newDecoder();
      const chunk = Buffer.alloc(Math.max(chunkBytes, 3), pattern);
      const whole = chunkBytes === 1 ? [...pattern].map((byte) => Buffer.of(byte)) : [chunk];
      let received = 0;
      while (!decoder.failure && received < 4_000_000) {
        for (const piece of whole) {
          assert.deepEqual(decoder.receive(piece), []);
          if (!decoder.failure) received += piece.length;
        }
      }
      assert.equal(decoder.failure?.code, 'DECRYPTION_BUDGET');
      // What failed is one chunk at most; a last try may go past the budget by one packet.
      const limit = budget(received + chunk.length) + 32771;
      const decrypted = tries.reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(decrypted <= limit, `${decrypted} bytes decrypted for ${received} received`);
      assert.ok(tries.length <= limit / 5760, `${tries.length} tries for ${received} received`);
      assert.ok(tries.every(({ view }) => view <= 32770 + 16384));

      const before = tries.length;
      assert.deepEqual(decoder.receive(packet('too late')), []);
      assert.equal(tries.length, before, 'nothing is tried any more');
    });
  }
}

test('At most one packet and one record of any stream are kept', () => {
  const { decoder, tries } = newDecoder();
  const trap = fake(1, 32768);
  for (let round = 0; round < 60; round++) {
    for (const record of cut(trap, [16384, 9000, 400])) decoder.receive(record);
    decoder.receive(seededBytes(round, 16384));
    assert.deepEqual(textsOf(decoder.receive(packet(`${round}`, 9))), [`${round}`]);
  }
  assert.ok(tries.some(({ view }) => view > 32768));
  assert.ok(Math.max(...tries.map(({ view }) => view)) <= 32770 + 16384);
  assert.ok(Math.max(...tries.map(({ allocated }) => allocated)) <= 128 * KB);
});

for (const chunkBytes of [700, 16384, 1_000_000]) {
  test(`Random garbage of megabytes stays within the budget, in chunks of ${chunkBytes}`, () => {
    for (const seed of [1, 2]) {
      const { decoder, tries } = newDecoder();
      const sizes = Array<number>(10_000).fill(chunkBytes);
      for (const chunk of cut(seededBytes(seed, 1_000_000), sizes)) decoder.receive(chunk);
      assert.equal(decoder.failure, undefined);
      // About 64 bytes of decryption for each byte of garbage: half of what the budget has.
      const decrypted = tries.reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(decrypted > 50_000_000 && decrypted < 80_000_000, `${decrypted} decrypted`);
      assert.deepEqual(textsOf(decoder.receive(packet('still there', 9))), ['still there']);
    }
  });
}
