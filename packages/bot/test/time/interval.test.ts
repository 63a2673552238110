import assert from 'node:assert/strict';
import test from 'node:test';
import { BotError, type Duration } from '@quietroom/bot';
import { FakeClock } from '@quietroom/bot/testing';
import { durationMs } from '#src/time/duration.js';
import { Interval } from '#src/time/interval.js';

test('the time of a pause does not count', async () => {
  const clock = new FakeClock();
  let ticks = 0;
  const interval = new Interval(clock, 10_000, async () => void ticks++);
  await clock.advance(20);
  assert.equal(ticks, 0);
  interval.resume();
  await clock.advance(6);
  interval.pause();
  await clock.advance(100);
  interval.resume();
  await clock.advance(3.9);
  assert.equal(ticks, 0);
  await clock.advance(0.1);
  assert.equal(ticks, 1);
  await clock.advance(10);
  assert.equal(ticks, 2);
});

test('a tick that is due during the one before is left out', async () => {
  const clock = new FakeClock();
  const ends: (() => void)[] = [];
  const interval = new Interval(clock, 1000, () => new Promise((resolve) => ends.push(resolve)));
  interval.resume();
  await clock.advance(3);
  assert.equal(ends.length, 1);
  ends[0]?.();
  await clock.advance(1);
  assert.equal(ends.length, 2);
});

test('durations are seconds, or numbers with a unit', () => {
  const good: [Duration, number][] = [
    [5, 5000],
    ['5 m', 300_000],
    ['90s', 90_000],
    ['1.5 h', 5_400_000],
    ['1d', 86_400_000],
  ];
  for (const [duration, ms] of good) assert.equal(durationMs('x', duration), ms);
  // A caller without TypeScript can pass any text.
  for (const duration of [
    0,
    -1,
    Infinity,
    '5 minutes' as Duration,
    '' as Duration,
    '1000000 d' as Duration,
  ]) {
    assert.throws(() => durationMs('x', duration), BotError);
  }
});
