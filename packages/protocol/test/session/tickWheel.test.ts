import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TickWheel, type Ticker } from '@quietroom/protocol/internals';
import { FakeClock } from '@quietroom/testing';

const INTERVAL_MS = 1000;

/** Keeps when it was called. */
class Recorder implements Ticker {
  readonly prepared: number[] = [];
  readonly ticks: number[] = [];
  dropped = 0;
  readonly #clock: Pick<FakeClock, 'now'>;

  constructor(clock: Pick<FakeClock, 'now'>) {
    this.#clock = clock;
  }

  prepare(): void {
    this.prepared.push(this.#clock.now());
  }

  tick(): void {
    this.ticks.push(this.#clock.now());
  }

  missed(ticks: number): void {
    this.dropped += ticks;
  }
}

const isNear = (one: number, other: number): boolean => Math.abs(one - other) < 1;

test('A ticker ticks once per interval, is prepared a tenth before, and needs one timer', () => {
  const clock = new FakeClock();
  const wheel = new TickWheel(clock, INTERVAL_MS);
  const ticker = new Recorder(clock);
  wheel.add(ticker);
  assert.equal(clock.pending, 1);
  clock.advance(100 * INTERVAL_MS);
  assert.equal(ticker.ticks.length, 100);
  const [first = 0] = ticker.ticks;
  assert.ok(first > 0 && first <= INTERVAL_MS);
  for (const [index, time] of ticker.ticks.entries()) assert.ok(isNear(time, first + index * INTERVAL_MS));
  const lastPrepared = ticker.prepared.filter((time) => time < (ticker.ticks[50] ?? 0)).at(-1) ?? 0;
  assert.ok(isNear((ticker.ticks[50] ?? 0) - lastPrepared, INTERVAL_MS / 10));
  assert.equal(clock.pending, 1);
});

test('Many tickers share a timer, have phases of their own, and each ticks once per interval', () => {
  const clock = new FakeClock();
  const wheel = new TickWheel(clock, INTERVAL_MS);
  const tickers = Array.from({ length: 1000 }, () => new Recorder(clock));
  for (const ticker of tickers) {
    wheel.add(ticker);
    clock.advance(3);
  }
  clock.advance(INTERVAL_MS);
  for (const ticker of tickers) ticker.ticks.length = 0;
  clock.advance(20 * INTERVAL_MS);
  assert.ok(tickers.every(({ ticks }) => ticks.length === 20));
  const phases = new Set(tickers.map(({ ticks }) => Math.round(ticks[0] ?? 0) % INTERVAL_MS));
  assert.ok(phases.size > 40, `${phases.size} phases`);
  assert.equal(clock.pending, 1);
});

test('A ticker that leaves ticks no more; the last one leaves no timer, and another starts anew', () => {
  const clock = new FakeClock();
  const wheel = new TickWheel(clock, INTERVAL_MS);
  const [one, other] = [new Recorder(clock), new Recorder(clock)];
  const leaveOne = wheel.add(one);
  const leaveOther = wheel.add(other);
  clock.advance(5 * INTERVAL_MS);
  leaveOne();
  leaveOne();
  clock.advance(5 * INTERVAL_MS);
  assert.deepEqual([one.ticks.length, other.ticks.length], [5, 10]);
  leaveOther();
  assert.equal(clock.pending, 0);
  clock.advance(10 * INTERVAL_MS);
  wheel.add(one);
  clock.advance(3 * INTERVAL_MS);
  assert.deepEqual([one.ticks.length, one.dropped], [8, 0]);
});

test('A ticker can leave while it ticks', () => {
  const clock = new FakeClock();
  const wheel = new TickWheel(clock, INTERVAL_MS);
  let ticks = 0;
  const leave = wheel.add({
    prepare: () => {},
    missed: () => {},
    tick: () => {
      ticks++;
      leave();
    },
  });
  clock.advance(10 * INTERVAL_MS);
  assert.equal(ticks, 1);
  assert.equal(clock.pending, 0);
});

test('Ticks that a stall has missed are dropped and counted, and the others keep their times', () => {
  for (const stallMs of [2000, 2400, 5700, 3_600_000]) {
    const clock = new FakeClock();
    const ticker = new Recorder(clock);
    new TickWheel(clock, INTERVAL_MS).add(ticker);
    clock.advance(10 * INTERVAL_MS);
    const [first = 0] = ticker.ticks;
    clock.stall(stallMs);
    clock.advance(10 * INTERVAL_MS);
    const passed = Math.floor((clock.now() - first) / INTERVAL_MS + 0.01) + 1;
    assert.equal(ticker.ticks.length + ticker.dropped, passed, `${stallMs} ms`);
    assert.ok(ticker.dropped >= Math.floor(stallMs / INTERVAL_MS) - 1);
    const pauses = ticker.ticks.slice(1).map((time, index) => time - (ticker.ticks[index] ?? 0));
    assert.ok(
      pauses.every((pause) => pause > INTERVAL_MS / 2 - 1),
      'no two ticks close together',
    );
  }
});
