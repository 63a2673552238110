import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { test } from 'node:test';
import { resolveConfig } from '#src/options/config.js';
import { dial } from '#src/connection/dial.js';
import { connectToHost, interleaveFamilies } from '#src/connection/happyEyeballs.js';
import { parsePins } from '#src/connection/pins.js';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { called, until } from '../fixtures.js';

const V4: readonly LookupAddress[] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => ({
  address,
  family: 4,
}));

async function listen(): Promise<{ server: Server; port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => void accepted.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, accepted };
}

async function closedPort(): Promise<number> {
  const { server, port } = await listen();
  server.close();
  await once(server, 'close');
  return port;
}

/** A race between sockets that the test makes; `opened` holds the addresses in the order of their attempts. */
function race(sockets: Readonly<Record<string, () => Socket>>, addresses = V4) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const opened: string[] = [];
  const attempts: Socket[] = [];
  const result = connectToHost('chat.example', {
    clock,
    signal: abort.signal,
    resolveHost: async () => addresses,
    open(address) {
      opened.push(address);
      const socket = sockets[address]?.() ?? new Socket();
      attempts.push(socket);
      return { socket };
    },
  });
  return { clock, abort, opened, attempts, result };
}

test('families take turns, beginning with that of the first address', () => {
  const addresses = [
    { address: 'fd00::1', family: 6 },
    { address: 'fd00::2', family: 6 },
    { address: 'fd00::3', family: 6 },
    ...V4.slice(0, 2),
  ];
  assert.deepEqual(interleaveFamilies(addresses), [
    'fd00::1',
    '192.0.2.1',
    'fd00::2',
    '192.0.2.2',
    'fd00::3',
  ]);
  assert.deepEqual(interleaveFamilies(V4), ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
});

test('the next attempt starts after 250 ms, beside the one before', async () => {
  const { clock, opened, attempts, abort, result } = race({});
  await until(() => opened.length === 1);
  clock.advance(249);
  assert.deepEqual(opened, ['192.0.2.1']);
  clock.advance(1);
  assert.deepEqual(opened, ['192.0.2.1', '192.0.2.2']);
  clock.advance(250);
  assert.equal(opened.length, 3);
  clock.advance(60_000);
  assert.ok(attempts.every(({ destroyed }) => !destroyed));
  abort.abort(new Error('enough'));
  await assert.rejects(result, /enough/);
  assert.ok(attempts.every(({ destroyed }) => destroyed));
  assert.equal(clock.pending, 0);
});

test('a failure starts the next attempt at once', async () => {
  const { port, server } = await listen();
  const dead = await closedPort();
  const { clock, opened, result } = race({
    '192.0.2.1': () => connect(dead, '127.0.0.1'),
    '192.0.2.2': () => connect(port, '127.0.0.1'),
  });
  const { socket } = await result;
  assert.deepEqual(opened, ['192.0.2.1', '192.0.2.2']);
  assert.equal(socket.remotePort, port);
  assert.equal(clock.now(), 0);
  assert.equal(clock.pending, 0);
  socket.destroy();
  server.close();
});

test('a late address wins although the one after it refuses, and the others are closed', async () => {
  const { port, server } = await listen();
  const dead = await closedPort();
  const late = new Socket();
  const { clock, opened, attempts, result } = race({
    '192.0.2.1': () => late,
    '192.0.2.2': () => connect(dead, '127.0.0.1'),
  });
  await until(() => opened.length === 1);
  clock.advance(250);
  await until(() => opened.length === 3);
  clock.advance(20_000);
  late.connect(port, '127.0.0.1');
  assert.equal((await result).socket, late);
  assert.deepEqual(
    attempts.map(({ destroyed }) => destroyed),
    [false, true, true],
  );
  late.destroy();
  server.close();
});

test('when all addresses fail, the message names what each said', async () => {
  const ports = [await closedPort(), await closedPort(), await closedPort()];
  const { result } = race(
    Object.fromEntries(
      V4.map(({ address }, index) => [address, () => connect(ports[index] ?? 0, '127.0.0.1')]),
    ),
  );
  const error = await result.then(
    () => assert.fail(),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AggregateError && 'code' in error);
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(error.message, ports.map((port) => `connect ECONNREFUSED 127.0.0.1:${port}`).join('; '));
});

test('the error of a single address stays as it is', async () => {
  const port = await closedPort();
  const { result } = race({ '192.0.2.1': () => connect(port, '127.0.0.1') }, V4.slice(0, 1));
  await assert.rejects(result, { code: 'ECONNREFUSED', syscall: 'connect', port });
});

test('an abort ends a lookup that does not answer', async () => {
  const abort = new AbortController();
  const asked = called<string>();
  const result = connectToHost('chat.example', {
    clock: new FakeClock(),
    signal: abort.signal,
    resolveHost: (host) => {
      asked.call(host);
      return new Promise(() => {});
    },
    open: () => assert.fail(),
  });
  assert.equal(await asked.promise, 'chat.example');
  abort.abort(new Error('enough'));
  await assert.rejects(result, /enough/);
});

test('a server behind the second of its addresses is reached', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => connection.secure());
  const { serverPort, cert } = peer.config;
  const config = resolveConfig({ serverHost: 'chat.example', serverPort, cert });
  // Nothing listens at the first: the peer is bound to 127.0.0.1 only.
  const addresses = ['::1', '127.0.0.1'].map((address, index) => ({ address, family: index === 0 ? 6 : 4 }));
  const { transport } = await dial(
    config,
    parsePins(cert, 'the test'),
    new AbortController().signal,
    async () => addresses,
  );
  transport.destroy();
});
