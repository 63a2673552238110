import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ConnectorError, SecurityError, type DialTarget } from 'quietroom-connector';
import { QuietRoomServer } from '@quietroom/server';
import { FakeClock, firstIdentity, ScriptedPeer, secondIdentity } from '@quietroom/testing';
import { called, logIn, nextState, quietConnector, skipPauses, until } from '../fixtures.js';

/** A stream that is no socket: what a proxy or a tunnel in JavaScript gives. */
function tunnel(port: number): Duplex {
  const socket = connectTcp(port, '127.0.0.1');
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!stream.push(chunk)) socket.pause();
  });
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  socket.on('close', () => stream.destroy());
  return stream;
}

for (const kind of ['a socket', 'any other stream'] as const) {
  test(`a connection over ${kind} of the caller loses nothing, and ends with it`, async () => {
    await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    const targets: DialTarget[] = [];
    const streams: Duplex[] = [];
    await using alice = quietConnector({
      serverHost: 'chat.example',
      serverPort: 7,
      cert: server.certPem,
      username: 'alice',
      async dial(target) {
        targets.push(target);
        const stream = kind === 'a socket' ? connectTcp(server.port, server.host) : tunnel(server.port);
        if (kind === 'a socket') await once(stream, 'connect');
        streams.push(stream);
        return stream;
      },
    });
    await alice.connect();
    const [target] = targets;
    assert.equal(target?.host, 'chat.example');
    assert.equal(target?.port, 7);
    assert.equal(target?.signal.aborted, false);
    const sent = Array.from({ length: 2000 }, (_, index) => `${index} ${'x'.repeat(index % 700)}`.trimEnd());
    const received: string[] = [];
    alice.onDm((_, text) => void received.push(text));
    const receipts = await Promise.all(sent.map(async (text) => alice.sendDm('alice', text)));
    assert.ok(receipts.every(({ status }) => status === 'accepted'));
    await until(() => received.length === sent.length);
    assert.deepEqual(received, sent);
    await alice.disconnect();
    await until(() => streams.every(({ destroyed }) => destroyed));
  });
}

test('the pin counts over a stream of the caller as ever', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => connection.secure(), {
    identity: secondIdentity,
  });
  const streams: Duplex[] = [];
  const connector = quietConnector({
    cert: firstIdentity.certPem,
    dial: () => {
      const stream = tunnel(peer.port);
      streams.push(stream);
      return stream;
    },
  });
  await assert.rejects(
    connector.connect(),
    (error) => error instanceof SecurityError && error.code === 'PIN_MISMATCH',
  );
  await until(() => streams.every(({ destroyed }) => destroyed));
});

test('a stream of the caller that breaks is a lost connection', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.say('[DM from alice]: last words');
    await connection.hear();
  });
  let stream: Duplex | undefined;
  const connector = quietConnector({ ...peer.config, dial: () => (stream = tunnel(peer.port)) });
  const dropped = called<unknown>();
  const heard = called<string>();
  connector.onDisconnect(dropped.call).onDm((_, text) => heard.call(text));
  await connector.connect();
  await heard.promise;
  stream?.destroy(new Error('the tunnel fell in'));
  const reason = await dropped.promise;
  assert.ok(reason instanceof ConnectorError);
  assert.equal(reason.code, 'CONNECTION_LOST');
  assert.match(reason.message, /the tunnel fell in/);
});

test('a socket of the caller that fails at any time ends no process', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    connection.cut();
  });
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('uncaughtException', note);
  let attempts = 0;
  const clock = new FakeClock();
  const connector = quietConnector({
    ...peer.config,
    clock,
    reconnect: { maxAttempts: 3 },
    dial() {
      attempts++;
      // Not connected yet; and at the third attempt it fails in the middle of the handshake.
      const socket = connectTcp(attempts === 2 ? 1 : peer.port, '127.0.0.1');
      if (attempts === 3) socket.once('connect', () => socket.destroy(new Error('proxy died')));
      return socket;
    },
  });
  const errors: unknown[] = [];
  connector.onError((error) => void errors.push(error));
  skipPauses(connector, clock);
  await connector.connect();
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  assert.equal(attempts, 4);
  await connector.disconnect();
  process.off('uncaughtException', note);
  assert.deepEqual(unhandled, []);
  assert.deepEqual(errors, []);
});

test('a stream of the caller that ends without closing is a lost connection', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
  });
  let stream: Duplex | undefined;
  const connector = quietConnector({ ...peer.config, dial: () => (stream = tunnel(peer.port)) });
  const dropped = called<unknown>();
  connector.onDisconnect(dropped.call);
  await connector.connect();
  stream?.push(null);
  const reason = await dropped.promise;
  assert.ok(reason instanceof ConnectorError && reason.code === 'CONNECTION_LOST');
});

for (const [name, dial] of [
  ['throws', () => assert.fail('no proxy')],
  ['rejects', () => Promise.reject(new Error('no proxy'))],
  ['gives what is no stream', () => ({}) as Duplex],
  ['gives a stream that is closed', () => new PassThrough().destroy()],
] as const) {
  test(`a dial that ${name} is DIAL_FAILED`, async () => {
    const connector = quietConnector({ cert: secondIdentity.certPem, dial });
    await assert.rejects(
      connector.connect(),
      (error) =>
        error instanceof ConnectorError && error.code === 'DIAL_FAILED' && error.cause instanceof Error,
    );
    assert.equal(connector.state, 'disconnected');
  });
}

test('a network failure in dial stays the error of Node', async () => {
  const peer = await ScriptedPeer.start(async () => {});
  await peer.close();
  const connector = quietConnector({
    ...peer.config,
    async dial() {
      const socket = connectTcp(peer.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
  });
  await assert.rejects(connector.connect(), { code: 'ECONNREFUSED' });
});

test('a stream that never becomes TLS is given up with connectTimeout, and destroyed', async () => {
  const clock = new FakeClock();
  const stream = new PassThrough();
  const written = once(stream, 'data');
  const connector = quietConnector({
    cert: secondIdentity.certPem,
    clock,
    dial: () =>
      new Duplex({
        read: () => {},
        write: (chunk, _, done) => void stream.write(chunk, done),
        destroy: (error, done) => {
          stream.destroy();
          done(error);
        },
      }),
  });
  const failed = assert.rejects(connector.connect(), { code: 'CONNECT_TIMEOUT' });
  await written;
  clock.advance(30_000);
  await failed;
  await until(() => stream.destroyed);
  assert.equal(clock.pending, 0);
});

test('a dial that takes too long is given up, its signal aborts, and a stream that comes later is destroyed', async () => {
  const clock = new FakeClock();
  const late = called<Duplex>();
  const asked = called<DialTarget>();
  const connector = quietConnector({
    cert: secondIdentity.certPem,
    clock,
    dial(target) {
      asked.call(target);
      return late.promise;
    },
  });
  const failed = assert.rejects(connector.connect(), { code: 'CONNECT_TIMEOUT' });
  const { signal } = await asked.promise;
  clock.advance(30_000);
  await failed;
  assert.equal(signal.aborted, true);
  const stream = new PassThrough({ destroy: (_, done) => done(new Error('of no interest any more')) });
  late.call(stream);
  await until(() => stream.destroyed);
});

test('a signal ends connect() while it dials, with its own reason', async () => {
  const stop = new AbortController();
  const asked = called<void>();
  const connector = quietConnector({
    cert: secondIdentity.certPem,
    dial() {
      asked.call();
      return new Promise(() => {});
    },
  });
  const reason = new Error('enough');
  const failed = assert.rejects(connector.connect({ signal: stop.signal }), reason);
  await asked.promise;
  stop.abort(reason);
  await failed;
  assert.equal(connector.state, 'disconnected');
  await assert.rejects(connector.connect({ signal: stop.signal }), reason);
});
