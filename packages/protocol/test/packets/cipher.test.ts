import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { PacketCipher } from '#src/packets/cipher.js';
import { NonceSequence } from '#src/packets/nonces.js';
import { buildPacket, openPacket } from '@quietroom/testing';

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');

const newCipher = (firstCounter = 0): PacketCipher =>
  new PacketCipher(
    Buffer.from(key),
    new NonceSequence('client', (size) => Buffer.alloc(size, 0x22), firstCounter),
  );

function seal(cipher: PacketCipher, plaintext: Uint8Array): Buffer {
  const target = Buffer.alloc(plaintext.length + 28 + 8, 0xaa);
  cipher.seal(plaintext, target, 5);
  assert.equal(target.toString('hex', 0, 5), 'aa'.repeat(5));
  assert.equal(target.toString('hex', target.length - 3), 'aa'.repeat(3));
  return target.subarray(5, -3);
}

/** Data of a packet, sealed by other means. */
const dataOf = (plaintext: Uint8Array): Buffer => buildPacket({ key, type: 1, plaintext }).subarray(3);

const PLAINTEXTS = [0, 1, 15, 16, 17, 4068, 32740].map((size) => randomBytes(size));

test('Sealed data is nonce, ciphertext and tag, as node:crypto makes them', () => {
  const cipher = newCipher();
  PLAINTEXTS.forEach((plaintext, index) => {
    const nonce = Buffer.alloc(12, 0x22);
    nonce.writeUIntBE(index, 7, 5);
    const reference = createCipheriv('aes-256-gcm', key, nonce);
    const ciphertext = Buffer.concat([reference.update(plaintext), reference.final()]);
    assert.deepEqual(seal(cipher, plaintext), Buffer.concat([nonce, ciphertext, reference.getAuthTag()]));
  });
});

test('Data sealed by others is opened at any offset', () => {
  for (const plaintext of PLAINTEXTS) {
    const data = dataOf(plaintext);
    const source = Buffer.concat([Buffer.alloc(7, 1), data, Buffer.alloc(9, 2)]);
    assert.deepEqual(newCipher().open(source, 7, 7 + data.length), plaintext);
    assert.deepEqual(newCipher().open(new Uint8Array(source), 7, 7 + data.length), plaintext);
    assert.deepEqual(openPacket(key, seal(newCipher(), plaintext)), plaintext);
  }
});

test('A flipped bit anywhere keeps the plaintext in', () => {
  const data = dataOf(Buffer.from('secret'));
  for (let at = 0; at < data.length; at++) {
    const broken = Buffer.from(data);
    broken.writeUInt8(broken.readUInt8(at) ^ 0x40, at);
    assert.equal(newCipher().open(broken, 0, broken.length), undefined, `byte ${at}`);
  }
  assert.equal(newCipher().open(data, 0, data.length - 1), undefined);
  assert.equal(newCipher().open(data, 1, data.length), undefined);
});

test('The key that was passed in is wiped', () => {
  const passed = Buffer.from(key);
  const cipher = new PacketCipher(passed, new NonceSequence('client'));
  assert.deepEqual(passed, Buffer.alloc(32));
  assert.equal(openPacket(key, seal(cipher, Buffer.from('works')))?.toString(), 'works');
});

test('After close nothing is sealed or opened', () => {
  const cipher = newCipher();
  const data = dataOf(Buffer.from('late'));
  cipher.close();
  cipher.close();
  assert.equal(cipher.open(data, 0, data.length), undefined);
  assert.throws(() => cipher.seal(Buffer.from('x'), Buffer.alloc(29), 0), { code: 'SESSION_NOT_OPEN' });
});

test('After the last nonce nothing is sealed, but received packets are opened', () => {
  const cipher = newCipher(2 ** 40 - 1);
  seal(cipher, Buffer.from('the last'));
  const target = Buffer.alloc(40, 0xaa);
  assert.throws(() => cipher.seal(Buffer.from('x'), target, 0), { code: 'NONCES_EXHAUSTED' });
  assert.deepEqual(target, Buffer.alloc(40, 0xaa));
  const data = dataOf(Buffer.from('still read'));
  assert.equal(cipher.open(data, 0, data.length)?.toString(), 'still read');
});
