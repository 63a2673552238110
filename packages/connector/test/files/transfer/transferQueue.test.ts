import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransferQueue } from '#src/files/transfer/transferQueue.js';

function open() {
  const started: string[] = [];
  const queue = new TransferQueue<{ start(): void }>();
  const add = (name: string): { start(): void } => {
    const transfer = { start: () => void started.push(name) };
    queue.add(transfer);
    return transfer;
  };
  return { queue, started, add };
}

test('One transfer runs at a time, in the order of arrival', () => {
  const { queue, started, add } = open();
  const [one, two] = [add('one'), add('two'), add('three')];
  assert.deepEqual(started, ['one']);
  queue.remove(one);
  queue.remove(two);
  assert.deepEqual(started, ['one', 'two', 'three']);
});

test('A transfer that is removed while it waits is never started', () => {
  const { queue, started, add } = open();
  const one = add('one');
  queue.remove(add('two'));
  add('three');
  queue.remove(one);
  assert.deepEqual(started, ['one', 'three']);
});

test('A transfer that is over before its start has returned lets the next start', () => {
  const started: string[] = [];
  const queue = new TransferQueue<{ start(): void }>();
  for (const name of ['one', 'two', 'three']) {
    const transfer = {
      start: () => {
        started.push(name);
        queue.remove(transfer);
      },
    };
    queue.add(transfer);
  }
  assert.deepEqual(started, ['one', 'two', 'three']);
  assert.deepEqual(queue.all, []);
});

test('A queue is idle when the last transfer is removed', async () => {
  const { queue, add } = open();
  await queue.idle();
  const one = add('one');
  let isIdle = false;
  const idle = queue.idle().then(() => (isIdle = true));
  const two = add('two');
  queue.remove(one);
  await Promise.resolve();
  assert.equal(isIdle, false);
  queue.remove(two);
  await idle;
});
