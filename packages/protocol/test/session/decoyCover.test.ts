import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecoyCover } from '@quietroom/protocol';
import { FakeClock } from '@quietroom/testing';

function collect(options: { mean: number; min: number; max: number; hours: number; isJittered?: boolean }) {
  const clock = new FakeClock();
  const sizes: number[] = [];
  const times: number[] = [];
  const decoys = new DecoyCover(
    {
      clock,
      interval: options.mean,
      isJittered: options.isJittered ?? true,
      minBytes: options.min,
      maxBytes: options.max,
    },
    (bytes) => {
      sizes.push(bytes);
      times.push(clock.now());
    },
  );
  decoys.start();
  clock.advance(options.hours * 3_600_000);
  decoys.stop();
  return { sizes, times, clock };
}

test('Decoys have every size from the smallest to the largest, both included', () => {
  const { sizes } = collect({ mean: 30, min: 10, max: 13, hours: 10 });
  assert.deepEqual(new Set(sizes), new Set([10, 11, 12, 13]));
});

test('The smallest and the largest decoy can be the same', () => {
  const { sizes } = collect({ mean: 30, min: 100, max: 100, hours: 1 });
  assert.deepEqual([...new Set(sizes)], [100]);
});

test('Pauses between decoys last from half to one and a half of the interval', () => {
  const { times } = collect({ mean: 30, min: 100, max: 500, hours: 100 });
  const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
  const [shortest, longest] = [Math.min(...pauses), Math.max(...pauses)];
  assert.ok(shortest >= 15_000 && shortest < 16_000, `${shortest}`);
  assert.ok(longest <= 45_000 && longest > 44_000, `${longest}`);
  const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
  assert.ok(Math.abs(mean - 30_000) < 1000, `${mean}`);
});

test('Decoys that are stopped leave no timer', () => {
  const { clock } = collect({ mean: 30, min: 100, max: 500, hours: 1 });
  assert.equal(clock.pending, 0);
});

test('Without jitter every pause is the interval', () => {
  const { times } = collect({ mean: 60, min: 32, max: 32, hours: 1, isJittered: false });
  assert.deepEqual(
    times,
    Array.from({ length: 60 }, (_, index) => (index + 1) * 60_000),
  );
});

test('A stop during a send is final', () => {
  const clock = new FakeClock();
  let sent = 0;
  const decoys = new DecoyCover({ clock, interval: 1, isJittered: true, minBytes: 1, maxBytes: 1 }, () => {
    sent++;
    decoys.stop();
  });
  decoys.start();
  clock.advance(60_000);
  assert.equal(sent, 1);
  assert.equal(clock.pending, 0);
});
