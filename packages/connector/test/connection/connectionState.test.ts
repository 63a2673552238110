import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, type ScriptedPeer } from '@quietroom/testing';
import { called, nextState, quietConnector, skipPauses, until } from '../fixtures.js';
import { codeOf, dropping, following, watched } from './reconnecting.js';

test('without reconnect a drop is the end: closed resolves with the reason, and connect() begins anew', async () => {
  const peer = await following([dropping('end')]);
  const { connector, changes, drops } = watched(peer, { reconnect: false });
  await connector.connect();
  const { closed } = connector;
  void connector.sendDm('alice', 'x');
  assert.equal(codeOf(await closed), 'CONNECTION_LOST');
  assert.equal(connector.state, 'disconnected');
  assert.deepEqual(drops.map(codeOf), ['CONNECTION_LOST']);
  assert.deepEqual(
    changes.map(({ state }) => state),
    ['connecting', 'connected', 'disconnected'],
  );
  await connector.connect();
  assert.notEqual(connector.closed, closed);
  await connector.disconnect();
  assert.equal(await connector.closed, null);
  await peer.close();
});

test('the first connect() rejects when it fails, and nothing goes on', async () => {
  const peer = await following([]);
  await peer.close();
  const { connector, clock, changes } = watched(peer);
  await assert.rejects(connector.connect(), { code: 'ECONNREFUSED' });
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  assert.equal(changes.length, 2);
});

test('disconnect() ends the pause before an attempt, and what is held is refused', async () => {
  const peer = await following([dropping('cut')]);
  const { connector, clock, changes } = watched(peer, { whileDisconnected: 'hold' });
  await connector.connect();
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  const held = assert.rejects(connector.sendDm('alice', 'held'), { code: 'DISCONNECTED' });
  await connector.disconnect();
  await held;
  assert.equal(await connector.closed, null);
  assert.equal(changes.at(-1)?.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('disconnect() ends an attempt in the middle of it, and leaves nothing open', async () => {
  const reached = called<void>();
  const peer = await following([
    dropping('cut'),
    async (connection) => {
      await connection.secure();
      reached.call();
    },
  ]);
  const { connector, clock } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  void connector.sendDm('alice', 'x');
  await reached.promise;
  await connector.disconnect();
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await Promise.all(peer.connections.map((connection) => connection.closed));
  await peer.close();
});

test('disconnect() called by onDisconnect ends the attempts before the first', async () => {
  const peer = await following([dropping('cut')]);
  const { connector, clock } = watched(peer);
  connector.onDisconnect(() => connector.disconnect());
  await connector.connect();
  void connector.sendDm('alice', 'x');
  assert.equal(await connector.closed, null);
  assert.equal(peer.connections.length, 1);
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('without onError the end of the attempts is a warning of the process', async () => {
  const peer = await following([dropping('cut')]);
  const clock = new FakeClock();
  const connector = quietConnector({ ...peer.config, clock, reconnect: { decide: () => false } });
  const warned = new Promise<Error>((resolve) => void process.once('warning', resolve));
  await connector.connect();
  void connector.sendDm('alice', 'x');
  assert.match((await warned).message, /connection.*lost/);
  await peer.close();
});

for (const callback of ['onDisconnect', 'onStateChange'] as const) {
  test(`connect() called by ${callback} begins a life of its own`, async () => {
    const peer = await following([dropping('cut')]);
    const { connector } = watched(peer, { reconnect: false, whileDisconnected: 'hold' });
    const connected = called<void>();
    let sent: Promise<{ status: string }> | undefined;
    const connectAgain = (): void => {
      if (connector.state !== 'disconnected' || sent) return;
      void connector.connect().then(connected.call);
      sent = connector.sendDm('alice', 'held');
    };
    if (callback === 'onDisconnect') connector.onDisconnect(connectAgain);
    else connector.onStateChange(connectAgain);
    await connector.connect();
    const { closed } = connector;
    void connector.sendDm('alice', 'x');
    assert.equal(codeOf(await closed), 'CONNECTION_LOST');
    await connected.promise;
    assert.equal((await sent)?.status, 'accepted');
    assert.notEqual(connector.closed, closed);
    await connector.disconnect();
    assert.equal(await connector.closed, null);
    await peer.close();
  });
}

test('disconnect() in any turn after the login ends the connection that was just made', async () => {
  for (let turns = 0; turns < 16; turns++) {
    const peer = await following([]);
    const { connector, clock } = watched(peer);
    const welcomed = called<void>();
    connector.onStateChange((state) => {
      if (state === 'connecting') void afterWelcome(peer).then(welcomed.call);
    });
    const connecting = connector.connect().catch(() => {});
    await welcomed.promise;
    for (let count = 0; count < turns; count++) await Promise.resolve();
    await connector.disconnect();
    await connecting;
    assert.equal(connector.state, 'disconnected');
    assert.equal(clock.pending, 0);
    await peer.close();
  }
});

/** Resolves when the peer has heard the name. */
async function afterWelcome(peer: ScriptedPeer): Promise<void> {
  // A public key takes 260 bytes, or fewer when it begins with zeros.
  await until(() => (peer.connections[0]?.plaintextBytes ?? 0) > 260);
}

test('disconnect() called while it says that it connects is awaited to the end', async () => {
  const peer = await following([]);
  const { connector } = watched(peer);
  let stateThen: string | undefined;
  connector.onStateChange(async (state) => {
    if (state !== 'connecting') return;
    await connector.disconnect();
    stateThen = connector.state;
  });
  await assert.rejects(connector.connect(), { code: 'CONNECT_CANCELLED' });
  await until(() => stateThen !== undefined);
  assert.equal(stateThen, 'disconnected');
  await peer.close();
});

test('sendCommand("/quit") is an end that was asked for', async () => {
  const peer = await following([]);
  const { connector, drops } = watched(peer);
  await connector.connect();
  assert.equal(await connector.sendCommand('/quit'), null);
  assert.equal(await connector.closed, null);
  assert.deepEqual(drops, [null]);
  assert.equal(peer.connections.length, 1);
  await peer.close();
});
