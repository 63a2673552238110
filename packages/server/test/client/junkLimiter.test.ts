import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { JunkLimiter, type RecordContent } from '#src/client/junkLimiter.js';

const NOTHING: RecordContent = { bytes: 512, packets: 0, packetBytes: 0, failedTags: 0, failedBytes: 0 };

/** The milliseconds waited for each of so many equal records. */
function waits(content: RecordContent, count: number, clock = new FakeClock()): (number | undefined)[] {
  const limiter = new JunkLimiter(clock);
  return Array.from({ length: count }, () => limiter.charge(content));
}

test('Messages are never junk, however many come at once', () => {
  const short = { ...NOTHING, packets: 1, packetBytes: 20 };
  assert.ok(waits(short, 100_000).every((ms) => ms === 0));
  const inRandomPadding = { ...short, bytes: 300, failedTags: 1, failedBytes: 200 };
  assert.ok(waits(inRandomPadding, 100_000).every((ms) => ms === 0));
});

test('Records without messages are slowed after one mebibyte, then the client is to be closed', () => {
  const all = waits(NOTHING, 10_000);
  const first = all.findIndex((ms) => ms !== 0);
  assert.equal(first, 2000);
  assert.ok(all.includes(undefined));
  assert.ok(all.indexOf(undefined) > first);
});

test('Decryption in vain costs more than its bytes', () => {
  const all = waits({ ...NOTHING, failedTags: 10, failedBytes: 10_000 }, 1000);
  assert.ok(all.findIndex((ms) => ms !== 0) < 200);
});

test('Decoys at a second each are not slowed', () => {
  const clock = new FakeClock();
  const limiter = new JunkLimiter(clock);
  for (let second = 0; second < 10_000; second++) {
    assert.equal(limiter.charge(NOTHING), 0);
    clock.advance(1000);
  }
});
