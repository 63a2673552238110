import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReloadableOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { connectTls, WireClient } from '../wireClient.js';

test('The program around a server is told who joins and leaves which place, and what is said', async (t) => {
  const server = await startServer(t);
  const told: unknown[] = [];
  server
    .onJoin((name, place) => told.push(['join', name, place]))
    .onLeave((name, place) => told.push(['leave', name, place]))
    .onMessage((message) => told.push(message));
  const alice = await WireClient.login(server, 'alice');
  for (const text of [
    '/join #a',
    '/join #a',
    'hi',
    '[#a] all',
    '[#b] nobody',
    '/msg alice me',
    '/msg bob x',
  ]) {
    await alice.ask(text);
  }
  alice.send('/quit');
  await alice.closed;
  assert.deepEqual(told, [
    ['join', 'alice', 'lobby'],
    ['join', 'alice', '#a'],
    { type: 'lobby', sender: 'alice', text: 'hi' },
    { type: 'room', sender: 'alice', room: '#a', text: 'all' },
    { type: 'dm', sender: 'alice', recipient: 'alice', text: 'me' },
    ['leave', 'alice', '#a'],
    ['leave', 'alice', 'lobby'],
  ]);
});

test('On 1.1 a message in a current room is told with its room', async (t) => {
  const server = await startServer(t, { protocolVersion: '1.1' });
  const told: unknown[] = [];
  server.onMessage((message) => told.push(message)).onLeave((name, place) => told.push([name, place]));
  const alice = await WireClient.login(server, 'alice');
  for (const text of ['/join #a', 'hi', '/leave #a']) await alice.ask(text);
  assert.deepEqual(told, [{ type: 'room', sender: 'alice', room: '#a', text: 'hi' }, ['alice', '#a']]);
});

test('A callback is called until its signal is aborted, and must be a function', async (t) => {
  const server = await startServer(t);
  const abort = new AbortController();
  const told: string[] = [];
  server.onJoin((name) => told.push(name), { signal: abort.signal });
  server.onJoin((name) => told.push(name), { signal: AbortSignal.abort() });
  await WireClient.login(server, 'alice');
  abort.abort();
  await WireClient.login(server, 'bob');
  assert.deepEqual(told, ['alice']);
  assert.throws(() => server.onMessage(undefined as never), TypeError);
});

test('A callback that throws or rejects is logged and harms nobody', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const heard: string[] = [];
  server
    .onMessage(() => {
      throw new Error('thrown');
    })
    .onMessage(async () => Promise.reject(new Error('rejected')))
    .onMessage(({ text }) => heard.push(text));
  const alice = await WireClient.login(server, 'alice');
  assert.equal((await alice.ask('hi')).length, 1);
  assert.equal((await alice.ask('/rooms')).length, 1);
  await book.nth('callbackFailed', 2);
  assert.deepEqual(
    book.of('callbackFailed').map(({ callback, error }) => [callback, String(error)]),
    [
      ['onMessage', 'Error: thrown'],
      ['onMessage', 'Error: rejected'],
    ],
  );
  assert.deepEqual(heard, ['hi']);
});

test('Statistics say what has been done and how things stand', async (t) => {
  const clock = new FakeClock(1000);
  const book = new LogBook();
  const server = await startServer(t, { clock, log: book.log });
  assert.deepEqual(server.stats().connections.open, 0);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await connectTls(server.port);
  await alice.ask('/join #a');
  for (let count = 0; count < 10; count++) await alice.ask('hello');
  bob.send('/quit');
  await bob.closed;
  await book.nth('closed', 1);
  await alice.settle();
  const { connections, users, rooms, messages, bytes, queue, handshakes } = server.stats();
  assert.deepEqual([connections.open, connections.accepted, connections.unfinished], [2, 3, 1]);
  assert.equal(connections.closed.quit, 1);
  assert.deepEqual(users, { open: 1, logins: 2 });
  assert.deepEqual(rooms, { open: 1 });
  // /join, its settle, ten times hello and settle, /quit, settle.
  assert.equal(messages.received, 24);
  // Welcome, hint and joined of both, bob's also to alice; join and its notice; 10 x 2; 12 answers; left.
  assert.equal(messages.deliveries, 7 + 2 + 20 + 12 + 1);
  assert.ok(bytes.in > 24 * 512 && bytes.out > 42 * 512);
  assert.ok(bytes.in < 100_000 && bytes.out < 100_000);
  assert.deepEqual(queue, { bytes: 0, largestBytes: 0 });
  assert.deepEqual([handshakes.count, handshakes.sumSeconds, handshakes.maxSeconds], [2, 0, 0]);
  assert.deepEqual(handshakes.buckets.at(0), { seconds: 0.01, count: 2 });
  assert.deepEqual(handshakes.buckets.at(-1), { seconds: Infinity, count: 2 });
});

test('Handshakes are counted by how long they took', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, log: book.log });
  server.onJoin(() => {});
  const connection = await connectTls(server.port);
  clock.advance(3000);
  const late = WireClient.over(connection, server);
  assert.equal(await late.next(), 'Enter your username: ');
  await WireClient.login(server, 'quick');
  const { count, sumSeconds, maxSeconds, buckets } = server.stats().handshakes;
  assert.deepEqual([count, sumSeconds, maxSeconds], [2, 3, 3]);
  assert.deepEqual(
    buckets.filter(({ count: most }) => most === 1).map(({ seconds }) => seconds),
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  );
});

test('Limits and decoys can be changed while the server runs', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyTraffic: false, maxRoomsPerClient: 1, log: book.log });
  const alice = await WireClient.login(server, 'alice');
  await alice.ask('/join #a');
  assert.match((await alice.ask('/join #b'))[0] ?? '', /no more are allowed/);
  server.reload({
    maxRoomsPerClient: 2,
    decoyTraffic: true,
    decoyInterval: 10,
    decoyMinBytes: 7,
    decoyMaxBytes: 7,
  });
  assert.equal((await alice.ask('/join #b'))[0], 'Created and joined room #b');
  const sizes: number[] = [];
  alice.socket.on('data', (record: Buffer) => record[0] === 2 && sizes.push(record.readUInt16BE(1)));
  clock.advance(15_000);
  await alice.settle();
  assert.deepEqual(new Set(sizes), new Set([7]));
  assert.deepEqual(
    book.of('reloaded').map(({ options }) => options.split(' ').sort()),
    [['decoyInterval', 'decoyMaxBytes', 'decoyMinBytes', 'decoyTraffic', 'maxRoomsPerClient']],
  );
  server.reload({ decoyTraffic: false });
  sizes.length = 0;
  clock.advance(120_000);
  await alice.settle();
  assert.deepEqual(sizes, []);
  server.reload({ maxRoomsPerClient: undefined } as never);
  assert.equal((await alice.ask('/join #c'))[0], 'Created and joined room #c');
});

test('A reload that cannot be changes nothing', async (t) => {
  const server = await startServer(t, { maxRoomNameBytes: 4 });
  const alice = await WireClient.login(server, 'alice');
  for (const [options, code, message] of [
    [{ maxRoomNameBytes: 10, maxRooms: 0 }, 'OPTION_INVALID', /^The option maxRooms must be/],
    [{ maxRoomNameBytes: 10, decoyMinBytes: 600 }, 'OPTION_INVALID', /decoyMaxBytes must be/],
    [{ maxRoomNameBytes: 10, port: 1 }, 'OPTION_INVALID', /^The option port cannot be changed while/],
    [{ maxRoomNameBytes: 10, maxRoom: 1 }, 'OPTION_UNKNOWN', /Did you mean maxRooms\?$/],
  ] as const) {
    assert.throws(() => server.reload(options as ReloadableOptions), { name: 'ServerError', code, message });
  }
  assert.match((await alice.ask('/join #long'))[0] ?? '', /at most 4 bytes/);
});
