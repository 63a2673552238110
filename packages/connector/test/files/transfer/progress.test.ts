import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { ProgressFeed } from '#src/files/transfer/progress.js';
import type { FileProgress } from 'quietroom-connector';

function open() {
  const clock = new FakeClock();
  const told: string[] = [];
  const feed = new ProgressFeed(clock, ({ stage, bytes, totalBytes }: FileProgress) => {
    told.push(`${stage} ${bytes}/${totalBytes}`);
  });
  return { clock, told, feed };
}

test('A stage is reported at once, its bytes at most ten times a second', () => {
  const { clock, told, feed } = open();
  feed.enter('transferring', 1000);
  for (let bytes = 100; bytes <= 600; bytes += 100) {
    feed.advance(bytes);
    clock.advance(50);
  }
  feed.enter('done');
  assert.deepEqual(told, [
    'transferring 0/1000',
    'transferring 300/1000',
    'transferring 500/1000',
    'done 1000/1000',
  ]);
});

test('A late or slow iterator gets the latest report, and the end', async () => {
  const { clock, feed } = open();
  feed.enter('hashing');
  feed.enter('offered', 10);
  const iterator = feed[Symbol.asyncIterator]();
  assert.deepEqual((await iterator.next()).value, { stage: 'offered', bytes: 0, totalBytes: 10 });
  const waiting = iterator.next();
  feed.enter('transferring');
  assert.equal((await waiting).value?.stage, 'transferring');
  clock.advance(1000);
  feed.advance(4);
  clock.advance(1000);
  feed.advance(8);
  feed.end();
  assert.equal((await iterator.next()).value?.bytes, 8);
  assert.equal((await iterator.next()).done, true);
});

test('Several can iterate at once', async () => {
  const { feed } = open();
  const stages = async (): Promise<string[]> => {
    const seen: string[] = [];
    for await (const { stage } of feed) seen.push(stage);
    return seen;
  };
  const both = Promise.all([stages(), stages()]);
  feed.enter('offered');
  feed.end();
  for (const seen of await both) assert.equal(seen.at(-1), 'offered');
});
