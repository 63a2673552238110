import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { WriteBuffer } from '#src/files/transfer/writeBuffer.js';

/** A target that takes each chunk when the test says so. */
function open() {
  const taken: string[] = [];
  const held: { resolve(): void; reject(error: unknown): void }[] = [];
  const failures: unknown[] = [];
  const changes: number[] = [];
  const queue = new WriteBuffer(
    {
      write: (chunk) => {
        taken.push(Buffer.from(chunk).toString());
        return new Promise((resolve, reject) => void held.push({ resolve, reject }));
      },
    },
    {
      changed: (bytes) => changes.push(bytes),
      failed: (error) => failures.push(error),
    },
  );
  const add = (...texts: readonly string[]): void => {
    for (const text of texts) queue.add(Buffer.from(text));
  };
  return { queue, taken, held, failures, changes, add };
}

test('Chunks are written in order, each when the one before is taken', async () => {
  const { taken, held, changes, add } = open();
  add('a', 'bb', 'ccc');
  assert.deepEqual(taken, ['a']);
  for (let count = 0; count < 3; count++) {
    held.shift()?.resolve();
    await turn();
  }
  assert.deepEqual(taken, ['a', 'bb', 'ccc']);
  assert.deepEqual(changes, [1, 3, 6, 5, 3, 0]);
});

test('Bytes that the sink takes at once do not wait', () => {
  const reports: unknown[] = [];
  const report = (value: unknown): void => void reports.push(value);
  const queue = new WriteBuffer({ write: () => undefined }, { changed: report, failed: report });
  queue.add(Buffer.from('a'));
  assert.deepEqual(reports, []);
});

test('After the last chunk was taken the next is written at once', async () => {
  const { taken, held, changes, add } = open();
  add('a');
  held.shift()?.resolve();
  await turn();
  add('bb');
  assert.deepEqual(
    [taken, changes],
    [
      ['a', 'bb'],
      [1, 0, 2],
    ],
  );
});

test('A sink that fails is reported once, and is given nothing more', async () => {
  const { taken, held, failures, add } = open();
  add('a', 'b');
  const failure = new Error('full');
  held.shift()?.reject(failure);
  await turn();
  add('c');
  assert.deepEqual(failures, [failure]);
  assert.deepEqual(taken, ['a']);
});

test('A closed buffer drops what waits, and reports nothing', async () => {
  const { queue, taken, held, failures, changes, add } = open();
  add('a', 'b');
  queue.close();
  held.shift()?.reject(new Error('late'));
  await turn();
  assert.deepEqual(taken, ['a']);
  assert.deepEqual(failures, []);
  assert.deepEqual(changes, [1, 2]);
});
