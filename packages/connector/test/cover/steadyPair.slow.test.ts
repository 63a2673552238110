import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { QuietRoomServer } from '@quietroom/server';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { quietConnector } from '../fixtures.js';
import { INTERVAL_MS, passing } from './steadyClient.js';

test('10,000 messages through a steady pair: none is lost, the order is kept, each has its receipt', async () => {
  const clock = new FakeClock();
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, clock });
  const config = {
    serverHost: '127.0.0.1',
    serverPort: server.port,
    cert: server.certPem,
    clock,
    cover: 'steady',
    maxQueuedSeconds: 1_000_000,
    // The network takes its time, which the clock does not know.
    answerTimeout: 10_000,
    livenessTimeout: 10_000,
    maxInFlight: 50,
  } as const;
  const alice = quietConnector({ ...config, username: 'alice' });
  const bob = quietConnector({ ...config, username: 'bob' });
  await Promise.all([alice.connect(), bob.connect()]);
  const got: string[] = [];
  bob.onDm((_, text) => void got.push(text));
  const COUNT = 10_000;
  const expected = Array.from({ length: COUNT }, (_, index) => `message ${index}`);
  const receipts = expected.map((text) => alice.sendDm('bob', text));
  while (got.length < COUNT || alice.stats().unanswered > 0) {
    clock.advance(INTERVAL_MS);
    await turn();
    await turn();
  }
  assert.deepEqual(got, expected);
  assert.ok((await Promise.all(receipts)).every(({ status }) => status === 'accepted'));
  await passing(clock, Promise.all([alice.disconnect(), bob.disconnect()]));
  await server.close();
});
