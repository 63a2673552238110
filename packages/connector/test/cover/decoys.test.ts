import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietRoomConnector } from 'quietroom-connector';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { called, logIn, quietConnector } from '../fixtures.js';

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
  const connector = new QuietRoomConnector({
    ...peer.config,
    username: 'tester',
    clock,
    livenessInterval: false,
  });
  await connector.connect();
  // A public key takes 260 bytes, or fewer when it begins with zeros.
  const bytes = (await counted.promise) - 512;
  assert.ok(bytes > 250 && bytes <= 260, 'a public key and one cell');
  const before = peer.connections[0]?.plaintextBytes ?? 0;
  clock.advance(10 * 60_000);
  await connector.sendDm('alice', 'x');
  await connector.disconnect();
  const decoys = ((peer.connections[0]?.plaintextBytes ?? 0) - before) / 512 - 1;
  assert.ok(decoys >= 13 && decoys <= 40, `${decoys} decoys in 10 minutes`);
  assert.equal(clock.pending, 0);
});

test('without decoys a keep-alive goes out at each keepaliveInterval', async () => {
  const clock = new FakeClock();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock, keepaliveInterval: 40 });
  await connector.connect();
  const before = peer.connections[0]?.plaintextBytes ?? 0;
  clock.advance(40_000 * 7 + 39_999);
  await connector.sendDm('alice', 'x');
  await connector.disconnect();
  assert.equal(((peer.connections[0]?.plaintextBytes ?? 0) - before) / 512 - 1, 7);
  assert.equal(clock.pending, 0);
});
