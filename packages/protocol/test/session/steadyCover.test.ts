import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { CELL_BYTES } from '@quietroom/protocol/internals';
import { FakeClock } from '@quietroom/testing';
import { INTERVAL_MS, openSteady } from './steadyChannel.js';

test('One cell goes out per tick, a text that waits or else cover, and what comes late takes the next', async () => {
  const clock = new FakeClock();
  const { channel, cover, texts, records } = await openSteady(clock);
  channel.sendText('a');
  channel.sendText('b');
  await turn();
  assert.equal(records.length, 0, 'nothing between ticks');
  for (let tick = 1; tick <= 5; tick++) {
    clock.advance(INTERVAL_MS);
    await turn();
    assert.equal(records.length, tick);
  }
  assert.ok(records.every((record) => record.length === CELL_BYTES));
  assert.deepEqual(texts, ['a', 'b']);
  assert.deepEqual(cover.counts, { cells: 5, coverCells: 3, missedTicks: 0 });
});

test('A text over one cell spans ticks, and those behind it follow', async () => {
  const clock = new FakeClock();
  const { channel, texts, records } = await openSteady(clock);
  const long = 'x'.repeat(1200);
  channel.sendText(long);
  channel.sendText('after');
  for (let tick = 1; tick <= 3; tick++) {
    assert.deepEqual(texts, []);
    clock.advance(INTERVAL_MS);
    await turn();
  }
  clock.advance(2 * INTERVAL_MS);
  await turn();
  assert.deepEqual(texts, [long, 'after']);
  assert.ok(records.every((record) => record.length === CELL_BYTES));
});

test('At the end, what waits goes out on the ticks, without cover, and then the channel closes', async () => {
  const clock = new FakeClock();
  const { channel, cover, texts, state, records } = await openSteady(clock);
  clock.advance(INTERVAL_MS);
  await turn();
  const before = records.length;
  for (const text of ['1', '2', '/quit']) channel.sendText(text);
  cover.finish();
  channel.end();
  for (let tick = 1; tick <= 10; tick++) {
    clock.advance(INTERVAL_MS);
    await turn();
  }
  assert.deepEqual(texts, ['1', '2', '/quit']);
  assert.ok(state.isClosed);
  assert.ok(records.length - before <= 4, 'at most one cell of cover was built before');
  cover.stop();
  assert.equal(clock.pending, 0);
});

test('Stopped, it lets what waits go out at once, and leaves no timer', async () => {
  const clock = new FakeClock();
  const { channel, cover, texts } = await openSteady(clock);
  for (const text of ['1', '2', '3']) channel.sendText(text);
  cover.stop();
  await turn();
  assert.deepEqual(texts, ['1', '2', '3']);
  assert.equal(clock.pending, 0);
  cover.start();
  channel.sendText('4');
  await turn();
  assert.equal(texts.length, 3);
  clock.advance(2 * INTERVAL_MS);
  await turn();
  assert.deepEqual(texts, ['1', '2', '3', '4']);
});

test('While the network does not take a cell, ticks are dropped and counted, and no write follows at once', async () => {
  const clock = new FakeClock();
  let isStuck = false;
  let stuck: (() => void) | undefined;
  const { channel, cover, texts, records } = await openSteady(clock, (inner) => ({
    start: (events) => inner.start(events),
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    end: () => inner.end(),
    destroy: () => inner.destroy(),
    write: (bytes, taken) => {
      if (isStuck) stuck = () => inner.write(bytes, taken);
      else inner.write(bytes, taken);
    },
  }));
  isStuck = true;
  channel.sendText('a');
  channel.sendText('b');
  clock.advance(4 * INTERVAL_MS);
  assert.equal(cover.counts.missedTicks, 3);
  isStuck = false;
  stuck?.();
  await turn();
  assert.equal(records.length, 1);
  clock.advance(INTERVAL_MS);
  await turn();
  assert.equal(records.length, 2);
  assert.deepEqual(texts, ['a', 'b']);
});
