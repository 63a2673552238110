import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WritePump } from '#src/session/transport.js';
import type { Write } from '@quietroom/protocol';

type Taken = (error?: Error | null) => void;

/** A source of numbered writes, and a transport that takes a write when the test says so. */
function setUp(count: number) {
  const queue: Write[] = Array.from({ length: count }, (_, index) => ({
    bytes: Buffer.of(index),
    lastPacket: index + 1,
  }));
  const written: number[] = [];
  const waiting: Taken[] = [];
  const settled: (number | string)[] = [];
  const pump = new WritePump(
    { nextWrite: () => queue.shift() },
    {
      write(bytes: Uint8Array, taken: Taken) {
        assert.equal(waiting.length, 0, 'one write at a time');
        written.push(bytes[0] ?? -1);
        waiting.push(taken);
      },
    },
    (lastPacket, error) => settled.push(error ? `${lastPacket}: ${error.message}` : lastPacket),
  );
  const take = (error?: Error | null): void => waiting.shift()?.(error);
  return { queue, written, settled, pump, take };
}

test('The next write waits until the one before was taken', () => {
  const { written, settled, pump, take } = setUp(3);
  assert.deepEqual(written, []);
  pump.poke();
  pump.poke();
  pump.poke();
  assert.deepEqual(written, [0]);
  assert.deepEqual(settled, []);
  take();
  assert.deepEqual([written, settled], [[0, 1], [1]]);
  take(null);
  take();
  assert.deepEqual(
    [written, settled],
    [
      [0, 1, 2],
      [1, 2, 3],
    ],
  );
});

test('When nothing is left it rests, and goes on when it is poked', () => {
  const { queue, written, pump, take } = setUp(1);
  pump.poke();
  take();
  queue.push({ bytes: Buffer.of(9), lastPacket: 2 });
  assert.deepEqual(written, [0]);
  pump.poke();
  assert.deepEqual(written, [0, 9]);
});

test('After an error it reports it and stops by itself', () => {
  const { written, settled, pump, take } = setUp(3);
  pump.poke();
  take(new Error('gone'));
  assert.deepEqual(written, [0]);
  assert.deepEqual(settled, ['1: gone']);
});

test('After an error nothing is written any more, whoever pokes', () => {
  const { written, pump, take } = setUp(3);
  pump.poke();
  take(new Error('gone'));
  pump.poke();
  assert.deepEqual(written, [0]);
});

test('A transport that takes at once can be given any number of writes', () => {
  let left = 200_000;
  let settled = 0;
  const pump = new WritePump(
    { nextWrite: () => (left-- > 0 ? { bytes: Buffer.of(1), lastPacket: 1 } : undefined) },
    { write: (_, taken) => taken() },
    () => settled++,
  );
  pump.poke();
  assert.equal(settled, 200_000);
});

test('A poke from inside a settled write neither skips a write nor sends one twice', () => {
  const queue = [1, 2, 3, 4];
  const written: number[] = [];
  const pump: WritePump = new WritePump(
    {
      nextWrite: () => {
        const number = queue.shift();
        return number === undefined ? undefined : { bytes: Buffer.of(number), lastPacket: number };
      },
    },
    {
      write(bytes, taken) {
        written.push(bytes[0] ?? 0);
        taken();
      },
    },
    (lastPacket) => {
      if (lastPacket === 2) queue.push(5);
      pump.poke();
    },
  );
  pump.poke();
  assert.deepEqual(written, [1, 2, 3, 4, 5]);
});
