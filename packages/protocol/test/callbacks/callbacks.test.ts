import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Callbacks } from '@quietroom/protocol/internals';

function makeCallbacks() {
  const log: string[] = [];
  const callbacks = new Callbacks<[text: string]>((error) => log.push(String(error)));
  return { callbacks, log };
}

test('callbacks are called in the order of registration, each as often as it was added', () => {
  const { callbacks, log } = makeCallbacks();
  const twice = (text: string): void => void log.push(`twice ${text}`);
  callbacks.add(twice);
  callbacks.add((text) => log.push(`once ${text}`));
  callbacks.add(twice);
  assert.equal(callbacks.length, 3);
  callbacks.call('a');
  assert.deepEqual(log, ['twice a', 'once a', 'twice a']);
});

test('a callback that throws or rejects is reported, and the others are called', async () => {
  const { callbacks, log } = makeCallbacks();
  callbacks.add(() => {
    throw new Error('thrown');
  });
  callbacks.add(async () => Promise.reject(new Error('rejected')));
  callbacks.add((text) => log.push(text));
  callbacks.call('a');
  assert.deepEqual(log, ['Error: thrown', 'a']);
  await new Promise(setImmediate);
  assert.deepEqual(log.slice(2), ['Error: rejected']);
});

test('a signal removes its callback from the next call on, and an aborted one adds none', () => {
  const { callbacks, log } = makeCallbacks();
  const controller = new AbortController();
  callbacks.add(() => controller.abort());
  callbacks.add((text) => log.push(text), { signal: controller.signal });
  callbacks.call('a');
  callbacks.call('b');
  assert.deepEqual(log, ['a']);
  callbacks.add((text) => log.push(text), { signal: AbortSignal.abort() });
  assert.equal(callbacks.length, 1);
});

test('a callback must be a function', () => {
  const { callbacks } = makeCallbacks();
  const none: unknown = undefined;
  assert.throws(() => callbacks.add(none as () => void), /must be a function, not undefined/);
});
