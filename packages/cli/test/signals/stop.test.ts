import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { unlessStopped } from '#src/signals/stop.js';

suite('unlessStopped', () => {
  const never = new Promise<string>(() => {});

  test('gives what the promise resolves with', async () => {
    assert.equal(await unlessStopped(new AbortController().signal, Promise.resolve('value')), 'value');
  });

  test('rejects as the promise does', async () => {
    const failing = Promise.reject(new Error('no'));
    await assert.rejects(unlessStopped(new AbortController().signal, failing), /no/);
  });

  test('does not wait for the promise after the stop', async () => {
    const stop = new AbortController();
    const waiting = unlessStopped(stop.signal, never);
    stop.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await unlessStopped(stop.signal, never), undefined);
  });
});
