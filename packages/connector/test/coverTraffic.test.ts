import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietRoomConnector } from 'quietroom-connector';
import { CoverTraffic } from '#src/coverTraffic.js';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { called } from './fixtures.js';

const CONFIG = {
  decoyTraffic: true,
  decoyInterval: 30,
  decoyMinBytes: 100,
  decoyMaxBytes: 500,
  keepaliveInterval: 60,
};

/** The times (s) and sizes of what goes out in a simulated time. */
function observe(config: Partial<typeof CONFIG>, seconds: number): { pauses: number[]; sizes: number[] } {
  const clock = new FakeClock();
  const pauses: number[] = [];
  const sizes: number[] = [];
  let last = 0;
  const cover = new CoverTraffic({ ...CONFIG, ...config, clock }, (bytes) => {
    pauses.push((clock.now() - last) / 1000);
    last = clock.now();
    sizes.push(bytes);
  });
  cover.start();
  clock.advance(seconds * 1000);
  cover.stop();
  assert.equal(clock.pending, 0);
  return { pauses, sizes };
}

test('decoys come at the mean interval, spread from half to one and a half times it', () => {
  const { pauses } = observe({}, 30 * 2000);
  const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
  assert.ok(Math.abs(mean - 30) < 1.5, `mean ${mean}`);
  assert.ok(Math.min(...pauses) >= 15 && Math.min(...pauses) < 16);
  assert.ok(Math.max(...pauses) <= 45 && Math.max(...pauses) > 44);
  assert.ok(new Set(pauses).size > 1000, 'no two pauses alike');
});

test('decoys have every size from the smallest to the largest', () => {
  const { sizes } = observe({ decoyMinBytes: 100, decoyMaxBytes: 103 }, 30 * 500);
  assert.deepEqual(new Set(sizes), new Set([100, 101, 102, 103]));
  assert.deepEqual(new Set(observe({ decoyMinBytes: 7, decoyMaxBytes: 7 }, 300).sizes), new Set([7]));
});

test('without decoys a keep-alive goes out at each keepaliveInterval', () => {
  const { pauses } = observe({ decoyTraffic: false }, 60 * 5);
  assert.deepEqual(pauses, [60, 60, 60, 60, 60]);
});

test('nothing but the name goes out before the login; afterwards decoys do, and they end with the connection', async () => {
  const clock = new FakeClock();
  const counted = called<number>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await connection.secure();
    await connection.exchangeKeys();
    clock.advance(25_000);
    await connection.say('Enter your username: ');
    assert.equal(await connection.hear(), 'tester');
    counted.call(connection.plaintextBytes);
    await connection.say('Welcome to the chat, tester!');
    await connection.hear();
    connection.end();
  });
  const connector = new QuietRoomConnector({ ...peer.config, username: 'tester', clock });
  await connector.connect();
  assert.equal(await counted.promise, 260 + 512, 'a public key and one cell');
  const before = peer.connections[0]?.plaintextBytes ?? 0;
  clock.advance(10 * 60_000);
  await connector.sendDm('alice', 'x');
  await connector.disconnect();
  const decoys = ((peer.connections[0]?.plaintextBytes ?? 0) - before) / 512 - 1;
  assert.ok(decoys >= 13 && decoys <= 40, `${decoys} decoys in 10 minutes`);
  assert.equal(clock.pending, 0);
});
