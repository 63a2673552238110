import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { Decoys } from '#src/decoys.js';
import { startServer } from './startServer.js';
import { WireClient } from './wireClient.js';

function collect(options: { mean: number; min: number; max: number; hours: number }) {
  const clock = new FakeClock();
  const sizes: number[] = [];
  const times: number[] = [];
  const decoys = new Decoys(
    {
      decoyTraffic: true,
      decoyInterval: options.mean,
      decoyMinBytes: options.min,
      decoyMaxBytes: options.max,
      clock,
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

test('Users get decoys, those who have not logged in get none', async (t) => {
  const clock = new FakeClock();
  const sizes = { decoyMinBytes: 400, decoyMaxBytes: 400 };
  const server = await startServer(t, { clock, ...sizes, loginTimeout: 1000, padding: 'random' });
  const alice = await WireClient.login(server, 'alice');
  const waiting = await WireClient.open(server);
  const before = [alice.socket.bytesRead, waiting.socket.bytesRead];
  let records = 0;
  alice.socket.on('data', (record: Buffer) => {
    if (record[0] !== 2) return;
    assert.equal(record.readUInt16BE(1), 400);
    records++;
  });
  clock.advance(45_000);
  await alice.settle();
  assert.ok(records > 0 && records < 4, `${records}`);
  assert.notEqual(alice.socket.bytesRead, before[0]);
  assert.equal(waiting.socket.bytesRead, before[1]);
  assert.equal(waiting.received.length, 1);
});

test('Without decoy traffic no decoy is sent', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false });
  const alice = await WireClient.login(server, 'alice');
  assert.equal(clock.pending, 0);
  alice.socket.on('data', (record: Buffer) => assert.notEqual(record[0], 2));
  clock.advance(3_600_000);
  await alice.settle();
});

test('Short messages and decoys all have one size on the wire', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyMaxBytes: 500 });
  const alice = await WireClient.login(server, 'alice');
  const lengths: number[] = [];
  alice.socket.on('data', (record: Buffer) => lengths.push(record.length));
  for (const length of [1, 10, 100, 400]) await alice.ask('x'.repeat(length));
  clock.advance(90_000);
  await alice.settle();
  assert.ok(lengths.length > 10);
  assert.deepEqual(new Set(lengths), new Set([512]));
});
