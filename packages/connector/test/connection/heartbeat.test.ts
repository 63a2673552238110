import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, type TimerHandle } from '@quietroom/testing';
import { Heartbeat } from '#src/connection/heartbeat.js';

interface Setup {
  readonly clock: FakeClock;
  readonly heartbeat: Heartbeat;
  /** What happened, and when. */
  readonly events: string[];
  /** Something comes from the server. */
  readonly hear: () => void;
}

/** Asks after 40 s of silence, and gives up after 10 more; its timers run `lateMs` late. */
function setup(onProbe: (parts: Setup) => void = () => {}, lateMs = 0): Setup {
  const clock = new FakeClock(1000);
  const events: string[] = [];
  let lastReceivedAt: number | undefined;
  const note = (event: string): void => void events.push(`${event} at ${(clock.now() - 1000) / 1000}`);
  const heartbeat: Heartbeat = new Heartbeat({
    clock: {
      now: clock.now,
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms + lateMs),
      // What it gave itself.
      clearTimeout: (timer) => clock.clearTimeout(timer as TimerHandle | undefined),
    },
    intervalMs: 40_000,
    timeoutMs: 10_000,
    lastReceivedAt: () => lastReceivedAt,
    probe: () => {
      note('asked');
      onProbe(parts);
    },
    dead: () => note('dead'),
  });
  const parts: Setup = { clock, heartbeat, events, hear: () => void (lastReceivedAt = clock.now()) };
  heartbeat.start();
  return parts;
}

/** After so many seconds something comes. */
function hearAt(parts: Setup, ...seconds: number[]): void {
  for (const second of seconds) {
    parts.clock.advance(1000 + second * 1000 - parts.clock.now());
    parts.hear();
  }
}

test('a server that is silent from the start is asked, and then given up', () => {
  const { clock, events } = setup();
  clock.advance(39_999);
  assert.deepEqual(events, []);
  clock.advance(1);
  assert.deepEqual(events, ['asked at 40']);
  clock.advance(9999);
  assert.deepEqual(events, ['asked at 40']);
  clock.advance(1);
  assert.deepEqual(events, ['asked at 40', 'dead at 50']);
  assert.equal(clock.pending, 0);
});

test('a server that keeps talking is not asked', () => {
  const parts = setup();
  hearAt(parts, 10, 49, 88, 127);
  assert.deepEqual(parts.events, []);
  parts.clock.advance(40_000);
  assert.deepEqual(parts.events, ['asked at 167']);
});

test('an answer to the question is a sign of life, however soon it comes, and though timers are late', () => {
  const parts = setup(({ clock, hear }) => clock.setTimeout(hear, 1), 5);
  parts.clock.advance(200_000);
  assert.deepEqual(
    parts.events.map((event) => event.replace(/ at .*/, '')),
    ['asked', 'asked', 'asked', 'asked'],
  );
});

test('after a sign of life the silence counts from then on', () => {
  const parts = setup();
  hearAt(parts, 45);
  parts.clock.advance(39_999);
  assert.deepEqual(parts.events, ['asked at 40']);
  parts.clock.advance(1);
  assert.deepEqual(parts.events, ['asked at 40', 'asked at 85']);
  parts.clock.advance(10_000);
  assert.deepEqual(parts.events.at(-1), 'dead at 95');
});

test('a process that was busy all the time takes in what has come before it judges', () => {
  const parts = setup();
  parts.clock.advance(40_000);
  // Between the two steps Node reads what waits in the socket.
  parts.clock.advance(5000);
  parts.hear();
  parts.clock.advance(5000);
  assert.deepEqual(parts.events, ['asked at 40']);
});

test('after stop nothing happens any more, and no timer stays', () => {
  for (const seconds of [0, 20, 40, 46]) {
    const { clock, heartbeat, events } = setup();
    clock.advance(seconds * 1000);
    heartbeat.stop();
    assert.equal(clock.pending, 0);
    clock.advance(100_000);
    assert.equal(events.length, seconds < 40 ? 0 : 1);
  }
});

test('a question that ends the connection leaves no timer behind', () => {
  const { clock, events } = setup(({ heartbeat }) => heartbeat.stop());
  clock.advance(40_000);
  assert.deepEqual(events, ['asked at 40']);
  assert.equal(clock.pending, 0);
});
