import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TlsRecordReader } from '@quietroom/protocol/internals';

const record = (type: number, bytes: number): Buffer => {
  const all = Buffer.alloc(5 + bytes, 7);
  all.set([type, 3, 3, bytes >> 8, bytes & 0xff]);
  return all;
};

test('Records are found however the stream is cut, an empty one too', () => {
  const sizes = [529, 0, 1, 17_000, 24];
  const stream = Buffer.concat(sizes.map((size) => record(23, size)));
  for (const piece of [1, 2, 5, 6, 533, stream.length]) {
    const reader = new TlsRecordReader();
    const found = [];
    for (let at = 0; at < stream.length; at += piece) {
      found.push(...reader.read(stream.subarray(at, at + piece)));
    }
    assert.deepEqual(
      found,
      sizes.map((bytes) => ({ type: 23, bytes })),
    );
  }
});

test('A record is told of when its header is whole', () => {
  const reader = new TlsRecordReader();
  assert.deepEqual(reader.read(record(20, 100).subarray(0, 4)), []);
  assert.deepEqual(reader.read(record(20, 100).subarray(4, 5)), [{ type: 20, bytes: 100 }]);
});
