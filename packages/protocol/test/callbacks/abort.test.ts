import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort } from '@quietroom/protocol/internals';

test('callbacks are called once, in the order of adding, and share one listener', () => {
  const controller = new AbortController();
  const called: number[] = [];
  for (let index = 0; index < 20; index++) onAbort(controller.signal, () => called.push(index));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort();
  controller.abort();
  assert.deepEqual(
    called,
    Array.from({ length: 20 }, (_, index) => index),
  );
});

test('a callback that was added twice is removed once, and the last one takes the listener with it', () => {
  const controller = new AbortController();
  let calls = 0;
  const callback = (): void => void calls++;
  const [first, second] = [onAbort(controller.signal, callback), onAbort(controller.signal, callback)];
  first();
  first();
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  second();
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  onAbort(controller.signal, callback);
  controller.abort();
  assert.equal(calls, 1);
});

test('an aborted signal calls back at once, and no signal never does', () => {
  let calls = 0;
  onAbort(AbortSignal.abort(), () => calls++);
  onAbort(undefined, () => calls++)();
  assert.equal(calls, 1);
});
