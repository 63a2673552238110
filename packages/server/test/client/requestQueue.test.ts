import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestQueue } from '#src/client/requestQueue.js';

function makeQueue() {
  const events: string[] = [];
  const finish: (() => void)[] = [];
  const flow = { pause: () => events.push('pause'), resume: () => events.push('resume') };
  const handle = (text: string): Promise<void> | void => {
    events.push(text);
    if (text.startsWith('slow')) {
      return new Promise((resolve, reject) =>
        finish.push(() => (text === 'slow failure' ? reject(new Error(text)) : resolve())),
      );
    }
  };
  const queue = new RequestQueue(handle, flow, (error) => events.push(String(error)));
  /** Ends the request that takes time. */
  const go = async (): Promise<void> => {
    finish.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { events, queue, go };
}

test('A request that takes time pauses the source and lets the next ones wait', async () => {
  const { events, queue, go } = makeQueue();
  for (const text of ['a', 'slow 1', 'b', 'slow 2', 'c']) queue.add(text);
  assert.deepEqual(events, ['a', 'slow 1', 'pause']);
  await go();
  assert.deepEqual(events.slice(3), ['b', 'slow 2', 'pause']);
  await go();
  assert.deepEqual(events.slice(6), ['c', 'resume']);
});

test('The queue tells when it is idle', async () => {
  const { events, queue, go } = makeQueue();
  queue.whenIdle(() => events.push('idle 1'));
  queue.add('slow');
  queue.add('b');
  queue.whenIdle(() => events.push('idle 2'));
  await go();
  assert.deepEqual(events, ['idle 1', 'slow', 'pause', 'b', 'resume', 'idle 2']);
});

test('Requests that are forgotten are not handled', async () => {
  const { events, queue, go } = makeQueue();
  for (const text of ['slow', 'b', 'c']) queue.add(text);
  queue.clear();
  await go();
  assert.deepEqual(events, ['slow', 'pause', 'resume']);
});

test('A request that fails is told', async () => {
  const { events, queue, go } = makeQueue();
  queue.add('slow failure');
  await go();
  assert.deepEqual(events, ['slow failure', 'pause', 'Error: slow failure']);
});
