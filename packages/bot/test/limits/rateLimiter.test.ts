import assert from 'node:assert/strict';
import test from 'node:test';
import { RateLimiter } from '#src/limits/rateLimiter.js';

test('a burst passes, then one message for each share of the period', () => {
  const limiter = new RateLimiter(2, 10_000, 0);
  assert.deepEqual(
    [limiter.take(0), limiter.take(0), limiter.take(0), limiter.take(0)],
    ['within', 'within', 'notify', 'drop'],
  );
  assert.equal(limiter.waitSeconds, 5);
  assert.equal(limiter.take(4900), 'drop');
  assert.equal(limiter.take(5000), 'within');
  assert.equal(limiter.take(5000), 'notify');
});

test('a long silence earns no more than the burst', () => {
  const limiter = new RateLimiter(1, 1000, 0);
  assert.deepEqual([limiter.take(1e9), limiter.take(1e9)], ['within', 'notify']);
});
