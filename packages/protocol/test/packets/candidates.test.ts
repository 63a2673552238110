import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenCandidates, type Candidate } from '#src/packets/candidates.js';
import fc from 'fast-check';

const candidate = (end: number, start = 0): Candidate => ({ start, end, hinted: false });

test('Only candidates whose last byte has arrived are taken, the earliest end first', () => {
  const open = new OpenCandidates();
  assert.ok(open.isEmpty);
  assert.equal(open.takeWhole(1000), undefined);
  for (const end of [30, 10, 20]) open.add(candidate(end));
  assert.equal(open.takeWhole(9), undefined);
  assert.equal(open.takeWhole(10)?.end, 10);
  assert.equal(open.takeWhole(19), undefined);
  assert.equal(open.takeWhole(30)?.end, 20);
  assert.equal(open.takeWhole(30)?.end, 30);
  assert.equal(open.takeWhole(30), undefined);
  assert.ok(open.isEmpty);
});

test('After clear there are no candidates', () => {
  const open = new OpenCandidates();
  open.add(candidate(1));
  open.add(candidate(2));
  open.clear();
  assert.ok(open.isEmpty);
  assert.equal(open.takeWhole(10), undefined);
});

test('After any sequence of adds and takes, the heap equals a sorted list', () => {
  const step = fc.oneof(fc.record({ add: fc.nat(60) }), fc.record({ received: fc.nat(60) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const open = new OpenCandidates();
      const model: Candidate[] = [];
      steps.forEach((action, index) => {
        if ('add' in action) {
          const added = candidate(action.add, index);
          open.add(added);
          model.push(added);
        } else {
          model.sort((a, b) => a.end - b.end);
          const taken = open.takeWhole(action.received);
          const first = model[0];
          if (!first || first.end > action.received) {
            assert.equal(taken, undefined);
          } else {
            // Among equal ends any may come first, but each only once.
            assert.equal(taken?.end, first.end);
            const at = model.findIndex((other) => other === taken);
            assert.notEqual(at, -1);
            model.splice(at, 1);
          }
        }
        assert.equal(open.isEmpty, model.length === 0);
      });
    }),
  );
});
