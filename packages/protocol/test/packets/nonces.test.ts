import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NonceSequence } from '#src/packets/nonces.js';

const LAST_COUNTER = 2 ** 40 - 1;

function take(nonces: NonceSequence): string {
  // At an offset, with sentinels around: nothing else is written.
  const target = Buffer.alloc(16, 0xaa);
  nonces.writeNext(target, 2);
  assert.equal(target.toString('hex', 0, 2) + target.toString('hex', 14), 'aaaaaaaa');
  return target.toString('hex', 2, 14);
}

const constant = (byte: number) => (size: number) => Buffer.alloc(size, byte);

test('A nonce is the 7 bytes of the prefix and a counter of 5 bytes, big-endian', () => {
  const nonces = new NonceSequence('client', constant(0x11), 0xfe);
  assert.deepEqual(
    [take(nonces), take(nonces), take(nonces)],
    ['1111111111111100000000fe', '1111111111111100000000ff', '111111111111110000000100'],
  );
});

test('The first bit differs between the roles, so that equal randomness never gives equal nonces', () => {
  for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
    const client = take(new NonceSequence('client', constant(byte)));
    const server = take(new NonceSequence('server', constant(byte)));
    assert.equal(Number.parseInt(client.slice(0, 2), 16) & 0x80, 0);
    assert.equal(Number.parseInt(server.slice(0, 2), 16) & 0x80, 0x80);
    assert.equal(Number.parseInt(client.slice(0, 2), 16) & 0x7f, byte & 0x7f);
  }
});

test('No nonce repeats, within a sequence or between the roles', () => {
  const seen = new Set<string>();
  for (const nonces of [new NonceSequence('client'), new NonceSequence('server')]) {
    for (let count = 0; count < 70_000; count++) seen.add(take(nonces));
  }
  assert.equal(seen.size, 140_000);
});

test('Each sequence draws a prefix of its own, also when the random source reuses its buffer', () => {
  const prefixes = Array.from({ length: 50 }, () => take(new NonceSequence('client')).slice(0, 14));
  assert.equal(new Set(prefixes).size, 50);

  const shared = Buffer.alloc(7, 1);
  const first = new NonceSequence('client', () => shared);
  shared.fill(2);
  assert.equal(take(first).slice(0, 14), '01'.repeat(7));
});

test('After the last counter there are no more nonces', () => {
  const nonces = new NonceSequence('server', constant(0), LAST_COUNTER - 1);
  assert.equal(take(nonces).slice(14), 'fffffffffe');
  assert.equal(take(nonces).slice(14), 'ffffffffff');
  for (let attempt = 0; attempt < 3; attempt++) {
    const target = Buffer.alloc(12, 0xaa);
    assert.throws(() => nonces.writeNext(target, 0), { name: 'ProtocolError', code: 'NONCES_EXHAUSTED' });
    assert.deepEqual(target, Buffer.alloc(12, 0xaa));
  }
});

test('No more nonces can be reserved than there are', () => {
  const nonces = new NonceSequence('server', constant(0), LAST_COUNTER - 1);
  nonces.reserve();
  nonces.reserve();
  assert.throws(() => nonces.reserve(), { code: 'NONCES_EXHAUSTED' });
  assert.equal(take(nonces).slice(14), 'fffffffffe');
});
