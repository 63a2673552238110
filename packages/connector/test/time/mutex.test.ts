import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Mutex } from '#src/time/mutex.js';

const never = new AbortController().signal;

test('Turns are given one at a time, in the order of asking', async () => {
  const turns = new Mutex();
  const log: string[] = [];
  const take = async (name: string): Promise<() => void> => {
    const end = await turns.take(never);
    log.push(name);
    return end;
  };
  const [first, second, third] = [take('a'), take('b'), take('c')];
  const endFirst = await first;
  await turn();
  assert.deepEqual(log, ['a']);
  endFirst();
  const endSecond = await second;
  await turn();
  assert.deepEqual(log, ['a', 'b']);
  endSecond();
  (await third)();
  await turns.over;
  assert.deepEqual(log, ['a', 'b', 'c']);
});

test('Who gives up while waiting lets the others go on, and not before those in front', async () => {
  const turns = new Mutex();
  const endFirst = await turns.take(never);
  const stop = new AbortController();
  const second = turns.take(stop.signal);
  let isThirdOn = false;
  const third = turns.take(never).then((end) => {
    isThirdOn = true;
    return end;
  });
  stop.abort(new Error('enough'));
  await assert.rejects(second, { message: 'enough' });
  await turn();
  assert.equal(isThirdOn, false);
  endFirst();
  (await third)();
  await turns.over;
});
