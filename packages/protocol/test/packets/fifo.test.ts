import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Fifo } from '#src/packets/fifo.js';
import fc from 'fast-check';

test('After any sequence of adds and takes, it equals a plain list', () => {
  const step = fc.oneof(fc.nat(), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const action of steps) {
        if (action === 'take') assert.equal(fifo.take(), model.shift());
        else {
          fifo.add(action);
          model.push(action);
        }
        assert.equal(fifo.length, model.length);
        assert.equal(fifo.first, model[0]);
      }
    }),
  );
});

test('Taken items can be garbage-collected while others wait', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const fifo = new Fifo<object>();
  const taken: WeakRef<object>[] = [];
  for (let count = 0; count < 100; count++) fifo.add({ count });
  for (let count = 0; count < 60; count++) taken.push(new WeakRef(fifo.take() ?? {}));
  // What a WeakRef was made of or asked for stays until the turn is over.
  await setImmediate();
  collectGarbage();
  const kept = taken.filter((reference) => reference.deref() !== undefined).length;
  assert.ok(kept <= 40, `${kept} of 60 kept`);
  assert.equal(fifo.length, 40);
});

test('A hundred thousand waiting items are taken without delay', () => {
  const fifo = new Fifo<{ number: number }>();
  for (let number = 0; number < 100_000; number++) fifo.add({ number });
  const started = process.cpuUsage();
  for (let number = 0; number < 100_000; number++) assert.equal(fifo.take()?.number, number);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 2_000_000, `${user} µs`);
  assert.equal(fifo.take(), undefined);
});
