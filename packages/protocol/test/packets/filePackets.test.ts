import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chunkLength,
  FILE_CHUNK_BYTES,
  FILE_END_PACKET,
  formatFileStart,
  isFileEnd,
  parseFileStart,
} from '@quietroom/protocol';
import { loadRecording, openPacket, recordsOf } from '@quietroom/testing';
import fc from 'fast-check';

const SHA256 = '792e15c93784cf7f4bc9f3323bccc0ca3c2e358f73251488b452ea596af68508';

const STARTS = [
  { text: 'FILE_START|a.txt|5', start: { name: 'a.txt', size: 5, sha256: undefined } },
  { text: `FILE_START|a.txt|5|${SHA256}`, start: { name: 'a.txt', size: 5, sha256: SHA256 } },
  { text: `FILE_START|a|b|7|${SHA256}`, start: { name: 'a|b', size: 7, sha256: SHA256 } },
];

for (const { text, start } of STARTS) {
  test(`${text} is read, and written so`, () => {
    assert.deepEqual(parseFileStart(Buffer.from(text)), start);
    assert.equal(Buffer.from(formatFileStart(start)).toString(), text);
  });
}

test('A hash in upper case is read in lower case', () => {
  assert.equal(parseFileStart(Buffer.from(`FILE_START|a|5|${SHA256.toUpperCase()}`))?.sha256, SHA256);
});

for (const size of ['5', '05', '+5']) {
  test(`A size of ${JSON.stringify(size)} is 5`, () => {
    assert.equal(parseFileStart(Buffer.from(`FILE_START|a|${size}`))?.size, 5);
  });
}

for (const size of ['', '-5', '++5', '5.5', '0x5', '1e3', ' 5', '1234567890123456']) {
  test(`A size of ${JSON.stringify(size)} is not a number`, () => {
    assert.equal(parseFileStart(Buffer.from(`FILE_START|a|${size}`))?.size, NaN);
  });
}

test('A start whose rest is malformed is a start without a size', () => {
  assert.deepEqual(parseFileStart(Buffer.from('FILE_START|')), { name: '', size: NaN, sha256: undefined });
});

for (const text of ['', 'FILE_START', ' FILE_START|a|5', 'file_start|a|5', 'FILE_END']) {
  test(`${JSON.stringify(text)} is not a start`, () => {
    assert.equal(parseFileStart(Buffer.from(text)), undefined);
  });
}

test('An end counts at any time; one with white space around it, after all bytes', () => {
  assert.equal(isFileEnd(FILE_END_PACKET, false), true);
  assert.equal(isFileEnd(Buffer.from('FILE_END\n'), true), true);
  assert.equal(isFileEnd(Buffer.from('FILE_END\n'), false), false);
  assert.equal(isFileEnd(Buffer.from('FILE_ENDx'), true), false);
  assert.equal(isFileEnd(Buffer.from('xFILE_END'), true), false);
});

test('A chunk fills whole cells, and every client accepts it', () => {
  assert.equal((3 + 28 + FILE_CHUNK_BYTES + 1) % 512, 0);
  assert.ok(28 + FILE_CHUNK_BYTES <= 4096);
});

/** What any reader could take for a marker: by hand from docs/protocol.md 6, and more cautious. */
function looksLikeMarker(chunk: Buffer): boolean {
  const text = chunk.toString('latin1').replace(/^[^!-~]+|[^!-~]+$/g, '');
  return text === 'FILE_END' || text.startsWith('FILE_START|');
}

const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'FILE_END',
        'FILE_START|',
        'FILE_START|a|5',
        ' ',
        '\n',
        '\u00a0',
        '\0',
        'F',
        'FILE_',
        'x',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join('')))
  .filter((bytes) => bytes.length > 0);

test('Content is cut into chunks that are not markers and that join to the content', () => {
  fc.assert(
    fc.property(content, fc.integer({ min: 12, max: 40 }), (bytes, limit) => {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = chunkLength(bytes.subarray(at), limit);
        assert.ok(length >= 1 && length <= limit);
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      for (const chunk of chunks)
        assert.equal(looksLikeMarker(chunk), false, JSON.stringify(chunk.toString()));
      assert.deepEqual(Buffer.concat(chunks), bytes);
    }),
    { numRuns: 3000 },
  );
});

test('A marker at any place around the end of a chunk is cut', () => {
  for (const marker of ['FILE_END', ' FILE_END\n', 'FILE_START|a|5']) {
    for (let at = 0; at <= 24; at++) {
      const bytes = Buffer.from(`${'x'.repeat(at)}${marker}${'y'.repeat(24 - at)}`);
      for (let limit = marker.length; limit <= 24; limit++) {
        for (let from = 0; from < bytes.length;) {
          const length = chunkLength(bytes.subarray(from), limit);
          assert.equal(looksLikeMarker(bytes.subarray(from, from + length)), false);
          from += length;
        }
      }
    }
  }
});

for (const name of ['v1.1-files', 'v1.2-files'] as const) {
  test(`${name}: the recorded transfers are read`, () => {
    const recording = loadRecording(name);
    const key = Buffer.from(recording.sessionKeyHex, 'hex');
    for (const dir of ['in', 'out'] as const) {
      const packets = recordsOf(recording, dir).flatMap((record) => {
        if (record[0] !== 3) return [];
        return openPacket(key, record.subarray(3, 3 + record.readUInt16BE(1))) ?? [];
      });
      const starts = packets.flatMap((packet) => parseFileStart(packet) ?? []);
      assert.equal(starts.length, 1);
      assert.equal(starts[0]?.sha256 !== undefined, dir === 'in');
      const chunks = packets.slice(1, -1);
      assert.equal(Buffer.concat(chunks).length, starts[0]?.size);
      assert.ok(chunks.every((chunk) => !isFileEnd(chunk, true)));
      assert.ok(packets.slice(-1).every((packet) => isFileEnd(packet, true)));
    }
  });
}
