import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { PacketReader } from '#src/wire/packetReader.js';
import { buildPacket, seededBytes } from '@quietroom/testing';

const key = seededBytes(1, 32);

function packet(text: string, padding = 16, type = 1): Buffer {
  return buildPacket({ key, type, plaintext: Buffer.from(text), padding: Buffer.alloc(padding, 0x5a) });
}

/** Texts, with their padding and where they began. */
function read(
  records: readonly Buffer[],
): [text: string, padding: number, stray: boolean, joined: boolean][] {
  const reader = new PacketReader(key);
  return records
    .flatMap((record) => reader.receive(record))
    .map(({ plaintext, paddingBytes, isAfterStray, isJoined }) => [
      plaintext.toString(),
      paddingBytes,
      isAfterStray,
      isJoined,
    ]);
}

suite('PacketReader', () => {
  test('finds a packet in each record, with its padding', () => {
    assert.deepEqual(read([packet('a', 1), packet('b', 0), packet('c', 255)]), [
      ['a', 1, false, false],
      ['b', 0, false, false],
      ['c', 255, false, false],
    ]);
  });

  test('joins a packet that is cut at any place', () => {
    const bytes = packet('hello', 5);
    for (let at = 1; at < bytes.length - 5; at++) {
      assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), [['hello', 5, false, false]]);
    }
  });

  test('tells packets that share a record', () => {
    const record = Buffer.concat([packet('a', 3), packet('b', 4), packet('c', 5)]);
    assert.deepEqual(
      read([record]).map(([text, , , joined]) => [text, joined]),
      [
        ['a', false],
        ['b', true],
        ['c', true],
      ],
    );
  });

  test('passes over padding that has spilled into the next record', () => {
    for (const spilled of [
      Buffer.alloc(50, 0x5a),
      Buffer.alloc(50, 1),
      Buffer.alloc(50, Buffer.of(2, 0, 9)),
    ]) {
      assert.deepEqual(read([packet('a'), spilled, packet('b')]).filter(([text]) => text === 'b').length, 1);
    }
  });

  test('takes no record inside a packet for a decoy', () => {
    const nonce = Buffer.from('00000000020001ffffffffff', 'hex');
    const bytes = buildPacket({
      key,
      type: 1,
      plaintext: Buffer.from('hello'),
      padding: Buffer.alloc(5),
      nonce,
    });
    const looksLikeDecoy = 3 + 4;
    const records = [
      bytes.subarray(0, looksLikeDecoy),
      bytes.subarray(looksLikeDecoy, 20),
      bytes.subarray(20),
    ];
    assert.deepEqual(read(records), [['hello', 5, false, false]]);
  });

  test('a packet with a wrong tag is none', () => {
    const forged = packet('a');
    forged.writeUInt8(forged.readUInt8(20) ^ 1, 20);
    assert.deepEqual(
      read([forged, packet('b')]).map(([text]) => text),
      ['b'],
    );
  });
});
