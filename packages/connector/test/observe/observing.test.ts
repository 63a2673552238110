import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { LogEntry } from 'quietroom-connector';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity, ScriptedPeer } from '@quietroom/testing';
import { answersTo, called, logIn, quietConnector } from '../fixtures.js';

test('stats() counts what went over all connections', async () => {
  await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, decoyTraffic: false });
  const connector = quietConnector({
    serverHost: server.host,
    serverPort: server.port,
    cert: server.certPem,
  });
  const before = connector.stats();
  assert.equal(before.connections, 0);
  assert.equal(before.lastReceivedAt, undefined);
  for (let round = 1; round <= 2; round++) {
    const from = Date.now();
    await connector.connect();
    await connector.sendDm('tester', 'x');
    const stats = connector.stats();
    assert.equal(stats.state, 'connected');
    assert.equal(stats.connections, round);
    // The name and one message; in the round before /quit, too.
    assert.equal(stats.packetsSent, 2 * round + (round - 1));
    assert.ok(stats.packetsReceived >= 4 * round);
    // A public key takes 260 bytes, or fewer when it begins with zeros.
    assert.ok(stats.bytesSent >= round * (250 + 2 * 512));
    assert.ok((stats.lastReceivedAt?.getTime() ?? 0) >= from - 1000);
    await connector.disconnect();
  }
  assert.equal(connector.stats().state, 'disconnected');
  assert.equal(connector.stats().failedTags, 0);
});

test('garbage is counted, and what comes after it is found', async () => {
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.write(
      Buffer.concat([Buffer.from([9, 9, 9]), connection.packet('[DM from alice]: found')]),
    );
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector(peer.config);
  const found = called<string>();
  connector.onDm((_, text) => found.call(text));
  await connector.connect();
  assert.equal(await found.promise, 'found');
  assert.equal(connector.stats().resyncs, 1);
  assert.ok(connector.stats().discardedBytes > 0);
  await connector.disconnect();
  await peer.close();
});

test('log and diagnostics tell what happens, and never what is written', async () => {
  const SECRET = 'SECRET';
  const seen: Record<string, unknown[]> = {};
  const channels = ['state', 'received', 'receipt', 'log'].map((name) => `quietroom-connector:${name}`);
  const note = (message: unknown, name: string | symbol): void =>
    void (seen[String(name)] ??= []).push(message);
  for (const name of channels) subscribe(name, note);
  const log: LogEntry[] = [];
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      for (const answer of answersTo(text, name)) await connection.say(answer);
      await connection.say(`[DM from alice]: ${SECRET}`);
    }
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, log: (entry) => void log.push(entry) });
  await connector.connect();
  await connector.sendDm('alice', SECRET);
  await connector.joinRoom('#a', SECRET);
  void connector.sendDm('', SECRET);
  connector.onError(() => {});
  await connector.disconnect();
  for (const name of channels) unsubscribe(name, note);
  assert.deepEqual(
    log.map(({ event }) => event),
    ['connecting', 'connected', 'disconnecting', 'sendFailed', 'disconnected'],
  );
  const told = channels.flatMap((name) =>
    (seen[name] ?? []).map((message) => ({
      ...(message as object),
      connector: (message as { connector: unknown }).connector === connector,
    })),
  );
  assert.ok(told.every((message) => message.connector));
  assert.ok(
    channels.every((name) => (seen[name]?.length ?? 0) > 0),
    inspect(Object.keys(seen)),
  );
  assert.ok(!JSON.stringify([log, told]).includes(SECRET));
  await peer.close();
});

test('a log hook that throws is reported, and disturbs nothing', async () => {
  const peer = await ScriptedPeer.start(async (connection) => void (await logIn(connection)));
  const connector = quietConnector({
    ...peer.config,
    log: () => {
      throw new Error('disk full');
    },
  });
  const errors: unknown[] = [];
  connector.onError((error) => void errors.push(error));
  await connector.connect();
  await connector.disconnect();
  assert.ok(errors.length >= 4);
  assert.match(String(errors[0]), /disk full/);
  await peer.close();
});
