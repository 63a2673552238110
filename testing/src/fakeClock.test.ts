import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fakeClock.js';

test('Timers run when their time has come, in order of time, then of setting', () => {
  const clock = new FakeClock(100);
  const ran: string[] = [];
  const note = (name: string) => (): void => void ran.push(`${name} at ${clock.now()}`);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(note('early'), 10);
  clock.setTimeout(note('late too'), 30);
  clock.advance(9);
  assert.deepEqual(ran, []);
  clock.advance(21);
  assert.deepEqual(ran, ['early at 110', 'late at 130', 'late too at 130']);
  assert.equal(clock.now(), 130);
});

test('Timers that timers set run in the same advance when they are due', () => {
  const clock = new FakeClock();
  const ran: number[] = [];
  const again = (): void => {
    ran.push(clock.now());
    clock.setTimeout(again, 10);
  };
  clock.setTimeout(again, 10);
  clock.advance(35);
  assert.deepEqual(ran, [10, 20, 30]);
  assert.equal(clock.now(), 35);
  assert.equal(clock.pending, 1);
});

test('A cleared timer does not run, even when another one of the same time clears it', () => {
  const clock = new FakeClock();
  const ran: string[] = [];
  clock.setTimeout(() => clock.clearTimeout(second), 10);
  const second = clock.setTimeout(() => ran.push('second'), 10);
  assert.equal(clock.pending, 2);
  clock.advance(10);
  assert.deepEqual(ran, []);
  assert.equal(clock.pending, 0);
});

test('what gets due in a stall runs after it, late', () => {
  const clock = new FakeClock();
  const times: number[] = [];
  clock.setTimeout(() => times.push(clock.now()), 10);
  clock.setTimeout(() => times.push(clock.now()), 40);
  clock.stall(30);
  assert.deepEqual(times, []);
  clock.advance(10);
  assert.deepEqual(times, [30, 40]);
});
