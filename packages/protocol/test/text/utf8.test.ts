import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { decodeUtf8, encodeUtf8 } from '@quietroom/protocol/internals';
import fc from 'fast-check';

for (const { name, bytes, text } of [
  { name: 'plain text', bytes: [0x61, 0xc3, 0xa9], text: 'aé' },
  { name: 'U+FFFD itself', bytes: [0xef, 0xbf, 0xbd], text: '\ufffd' },
  { name: 'a byte that never occurs', bytes: [0x61, 0xff, 0x62], text: 'a\udcffb' },
  { name: 'a character that is cut off', bytes: [0xf0, 0x9f, 0x94], text: '\udcf0\udc9f\udc94' },
  { name: 'a continuation byte alone', bytes: [0x80], text: '\udc80' },
  { name: 'a surrogate', bytes: [0xed, 0xb2, 0x80], text: '\udced\udcb2\udc80' },
  { name: 'an overlong form', bytes: [0xc0, 0xaf], text: '\udcc0\udcaf' },
  { name: 'a good character after a bad one', bytes: [0xc3, 0xf0, 0x9f, 0x94, 0x92], text: '\udcc3🔒' },
]) {
  test(`UTF-8 with ${name} is decoded, and encoded to the same bytes`, () => {
    assert.equal(decodeUtf8(Buffer.from(bytes)), text);
    assert.deepEqual([...encodeUtf8(text)], bytes);
  });
}

test('Any bytes survive decoding and encoding; valid ones are decoded as usual', () => {
  const bytes = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text)),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(bytes, (parts) => {
      const all = Buffer.concat(parts);
      const text = decodeUtf8(all);
      assert.deepEqual(encodeUtf8(text), all);
      if (isUtf8(all)) assert.equal(text, all.toString());
    }),
    { numRuns: 2000 },
  );
});
