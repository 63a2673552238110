import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { WriteBuffer } from '#src/files/transfer/writeBuffer.js';

/** A target that takes each chunk when the test says so. */
function open() {
  const taken: string[] = [];
  const held: { resolve(): void; reject(error: unknown): void }[] = [];
  const failures: unknown[] = [];
  const queue = new WriteBuffer(
    {
      write: (chunk) => {
        taken.push(Buffer.from(chunk).toString());
        return new Promise((resolve, reject) => void held.push({ resolve, reject }));
      },
    },
    (error) => failures.push(error),
  );
  const add = (...texts: readonly string[]): void => {
    for (const text of texts) queue.add(Buffer.from(text));
  };
  return { queue, taken, held, failures, add };
}

test('Chunks are written in order, each when the one before is taken', async () => {
  const { queue, taken, held, add } = open();
  add('a', 'bb', 'ccc');
  assert.deepEqual(taken, ['a']);
  assert.equal(queue.bytes, 6);
  for (let count = 0; count < 3; count++) {
    held.shift()?.resolve();
    await turn();
  }
  assert.deepEqual(taken, ['a', 'bb', 'ccc']);
  assert.equal(queue.bytes, 0);
  await queue.drained();
});

test('What a target takes at once is not held', () => {
  const queue = new WriteBuffer({ write: () => undefined }, (error) => assert.fail(String(error)));
  queue.add(Buffer.from('a'));
  assert.equal(queue.bytes, 0);
});

test('It tells once when little enough waits', async () => {
  const { queue, held, add } = open();
  add('aa', 'bb', 'cc');
  let told = 0;
  queue.whenBelow(2, () => void told++);
  held.shift()?.resolve();
  await turn();
  assert.equal(told, 0);
  held.shift()?.resolve();
  await turn();
  assert.equal(told, 1);
  held.shift()?.resolve();
  await turn();
  assert.equal(told, 1);
});

test('A target that fails is told of once, and is given nothing more', async () => {
  const { queue, taken, held, failures, add } = open();
  add('a', 'b');
  const failure = new Error('full');
  held.shift()?.reject(failure);
  await queue.drained();
  add('c');
  assert.deepEqual(failures, [failure]);
  assert.deepEqual(taken, ['a']);
});

test('Closed, it forgets what waits, and a late failure of the target is nobody\u2019s', async () => {
  const { queue, taken, held, failures, add } = open();
  add('a', 'b');
  queue.close();
  held.shift()?.reject(new Error('late'));
  await queue.drained();
  assert.deepEqual(taken, ['a']);
  assert.deepEqual(failures, []);
});
