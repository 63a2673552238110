import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

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
  const server = await startServer(t, { clock, decoyTraffic: false, idleTimeout: 1_000_000 });
  const alice = await WireClient.login(server, 'alice');
  assert.equal(clock.pending, 1, 'only that of each minute');
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
