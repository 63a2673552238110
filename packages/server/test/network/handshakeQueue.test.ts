import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakeQueue } from '#src/network/handshakeQueue.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('One begins in each turn of the event loop, and the addresses take turns', async () => {
  const queue = new HandshakeQueue();
  const begun: string[] = [];
  for (const name of ['flood 1', 'flood 2', 'flood 3', 'flood 4']) {
    queue.add('flood', () => begun.push(name));
  }
  queue.add('honest', () => begun.push('honest'));
  assert.deepEqual(begun, []);
  await turn();
  assert.deepEqual(begun, ['flood 1']);
  for (let count = 0; count < 6; count++) await turn();
  assert.deepEqual(begun, ['flood 1', 'honest', 'flood 2', 'flood 3', 'flood 4']);
});

test('After a rest the queue begins anew', async () => {
  const queue = new HandshakeQueue();
  let begun = 0;
  for (let round = 1; round <= 3; round++) {
    queue.add('a', () => begun++);
    for (let count = 0; count < 3; count++) await turn();
    assert.equal(begun, round);
  }
});
