import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { sleep, systemClock, unlessAborted } from '#src/time/clock.js';

const REASON = new Error('enough');

/** A promise, and the functions that settle it. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => void (settle = { resolve, reject }));
  assert.ok(settle);
  return { promise, ...settle };
}

test('sleep resolves when its time is over, and leaves no listener and no timer behind', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const sleeping = sleep(clock, 1000, signal);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  clock.advance(1000);
  await sleeping;
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.equal(clock.pending, 0);
});

test('sleep rejects with the reason when it is aborted, and leaves no listener and no timer behind', async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = sleep(clock, 1000, controller.signal);
  controller.abort(REASON);
  await assert.rejects(sleeping, REASON);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  assert.equal(clock.pending, 0);
});

test('sleep does not begin when it is aborted already', async () => {
  const clock = new FakeClock();
  const signal = AbortSignal.abort(REASON);
  await assert.rejects(sleep(clock, 1000, signal), REASON);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.equal(clock.pending, 0);
});

test('unlessAborted follows the promise, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  const good = deferred<number>();
  const bad = deferred<number>();
  const following = [unlessAborted(good.promise, signal), unlessAborted(bad.promise, signal)];
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  good.resolve(7);
  bad.reject(REASON);
  assert.deepEqual(await Promise.allSettled(following), [
    { status: 'fulfilled', value: 7 },
    { status: 'rejected', reason: REASON },
  ]);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('unlessAborted rejects with the reason when it is aborted, whatever becomes of the promise', async () => {
  const controller = new AbortController();
  const { promise, reject } = deferred<number>();
  const following = unlessAborted(promise, controller.signal);
  controller.abort(REASON);
  await assert.rejects(following, REASON);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  // Nobody hears of it, and nothing breaks.
  reject(new Error('too late'));
});

test('unlessAborted rejects at once when it is aborted already, and leaves no listener behind', async () => {
  const signal = AbortSignal.abort(REASON);
  const { promise } = deferred<number>();
  await assert.rejects(unlessAborted(promise, signal), REASON);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('the clock of the system runs and clears timers, and never goes back', async () => {
  const before = systemClock.now();
  const ran: string[] = [];
  const cleared = systemClock.setTimeout(() => ran.push('cleared'), 0);
  systemClock.clearTimeout(cleared);
  systemClock.clearTimeout(undefined);
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 0));
  assert.deepEqual(ran, []);
  assert.ok(systemClock.now() >= before);
});
