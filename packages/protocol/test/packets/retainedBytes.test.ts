import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetainedBytes } from '#src/packets/retainedBytes.js';
import { seededBytes } from '@quietroom/testing';
import fc from 'fast-check';

test('It starts empty, and bytes that are appended can be changed by their owner', () => {
  const retained = new RetainedBytes();
  assert.equal(retained.length, 0);
  assert.equal(retained.view.length, 0);
  const owned = Buffer.from('abc');
  retained.append(owned);
  owned.fill(0);
  assert.equal(retained.view.toString(), 'abc');
});

test('After any sequence of appends and drops, the newest bytes are kept', () => {
  const step = fc.oneof(
    fc.record({ append: fc.oneof(fc.nat(40), fc.nat(5000)), seed: fc.nat() }),
    fc.record({ keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const retained = new RetainedBytes();
      let model = Buffer.alloc(0);
      for (const action of steps) {
        if ('append' in action) {
          const bytes = seededBytes(action.seed, action.append);
          retained.append(bytes);
          model = Buffer.concat([model, bytes]);
        } else {
          const length = Math.floor(model.length * action.keep);
          retained.keepLast(length);
          model = model.subarray(model.length - length);
        }
        assert.equal(retained.length, model.length);
        assert.ok(retained.view.equals(model));
      }
    }),
  );
});

test('It needs at most twice the memory of the kept bytes', () => {
  const retained = new RetainedBytes();
  for (let round = 0; round < 10_000; round++) {
    retained.append(Buffer.alloc(997, round));
    retained.keepLast(Math.min(retained.length, 30_000));
  }
  assert.equal(retained.length, 30_000);
  assert.ok(retained.view.buffer.byteLength <= 2 * 32_768);
});
