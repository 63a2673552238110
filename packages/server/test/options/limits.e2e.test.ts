import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const TOO_FAST = '*** You are sending too fast: the server now reads you more slowly. Nothing is lost. ***';

/** How many messages of alice for #a have come. */
function heard(client: WireClient): number {
  return client.received.filter((text) => text.includes('[#a] alice: ')).length;
}

/** A TCP connection that says nothing, from an address of its own if need be. */
function silent(port: number, localAddress = '127.0.0.1'): Socket {
  return connect({ port, host: '127.0.0.1', localAddress })
    .on('error', () => {})
    .resume();
}

for (const [option, reason] of [
  ['maxConnections', 'connections'],
  ['maxConnectionsPerAddress', 'connectionsPerAddress'],
  ['maxHandshakes', 'handshakes'],
] as const) {
  test(`Over ${option} a connection is closed before a byte is sent, and room that is made counts`, async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { [option]: 3, log: book.log });
    const first = [silent(server.port), silent(server.port), silent(server.port)];
    await book.nth('connected', 3);
    const over = silent(server.port);
    await once(over, 'close');
    assert.equal(over.bytesRead, 0);
    assert.deepEqual(book.of('refused'), [{ event: 'refused', reason, address: '127.0.0.1', times: 1 }]);
    assert.equal(server.stats().refused[reason], 1);
    for (const socket of first) socket.destroy();
    await book.nth('closed', 3);
    await WireClient.login(server, 'alice');
    assert.equal(server.stats().connections.open, 1);
  });
}

test('Whoever has logged in does not count as an unfinished handshake', async (t) => {
  const server = await startServer(t, { maxHandshakes: 1 });
  for (const name of ['alice', 'bob', 'carol']) await WireClient.login(server, name);
  assert.equal(server.stats().connections.unfinished, 0);
});

test('One address at its limit leaves the others room', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { maxConnectionsPerAddress: 2, log: book.log });
  for (let count = 0; count < 5; count++) silent(server.port, '127.0.0.2');
  await book.nth('connected', 2);
  await WireClient.login(server, 'alice');
  while (server.stats().refused.connectionsPerAddress < 3) await new Promise(setImmediate);
});

test('Whoever sends too fast is told once a minute, and loses nothing', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, messagesPerSecond: 10, messageBurst: 5, log: book.log });
  const alice = await WireClient.login(server, 'alice');
  alice.forget();
  const texts = Array.from({ length: 30 }, (_, index) => `/msg alice ${index}`);
  for (const text of texts) alice.send(text);
  await alice.count(11);
  assert.equal(alice.received.at(-1), TOO_FAST);
  assert.equal(alice.received.at(-2), '[DM to alice]: 4');
  for (let sent = 5; sent < texts.length; sent++) {
    clock.advance(100);
    await alice.count(11 + 2 * (sent - 4));
  }
  assert.equal(alice.received.filter((text) => text === TOO_FAST).length, 1);
  assert.deepEqual(
    alice.received.filter((text) => text.startsWith('[DM to')),
    texts.map((text) => text.replace('/msg alice', '[DM to alice]:')),
  );
  assert.equal(server.stats().refused.messageRate, 25);
  assert.equal(book.of('refused').length, 1);
});

test('A text to many counts for more than one to a few', async (t) => {
  const server = await startServer(t, { clock: new FakeClock(), messageBurst: 10 });
  const clients = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => WireClient.login(server, `user${index}`)),
  );
  const [alice] = clients;
  assert.ok(alice);
  await alice.settle();
  alice.forget();
  // Each goes to twenty, which costs two more than it does by itself; settling has taken one.
  for (let count = 1; count <= 5; count++) alice.send(`${count}`);
  await alice.until(TOO_FAST);
  assert.deepEqual(
    alice.received.map((text) => text.replace(/^\[[\d:]+\] user0: /, '')),
    ['1', '2', '3', TOO_FAST],
  );
});

test('A rest gives the whole burst back', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, messagesPerSecond: 10, messageBurst: 5 });
  const alice = await WireClient.login(server, 'alice');
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 4; count++) alice.send('/rooms');
    await alice.settle();
    clock.advance(500);
  }
  assert.equal(alice.received.includes(TOO_FAST), false);
});

test('While one is slowed down, the others are not', async (t) => {
  const server = await startServer(t, { clock: new FakeClock(), messageBurst: 20 });
  const flooder = await WireClient.login(server, 'flooder');
  const alice = await WireClient.login(server, 'alice');
  for (let count = 0; count < 1000; count++) flooder.send('/rooms');
  await flooder.until(TOO_FAST);
  assert.equal((await alice.ask('/rooms')).length, 1);
});

test('A client may be in so many rooms and no more, until it leaves one', async (t) => {
  const server = await startServer(t, { maxRoomsPerClient: 2 });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await bob.ask('/join #c');
  for (const room of ['#a', '#b']) await alice.ask(`/join ${room}`);
  const refused = [
    '*** You are in 2 rooms, and no more are allowed. Leave one first. ***',
    'Usage: /join <#room> [password]',
  ];
  for (const room of ['#c', '#d', '#e secret']) assert.deepEqual(await alice.ask(`/join ${room}`), refused);
  assert.equal((await alice.ask('/join #a'))[0], 'Joined room #a');
  await alice.ask('/leave #a');
  assert.equal((await alice.ask('/join #c'))[0], 'Joined room #c');
  assert.equal(server.stats().refused.roomsPerClient, 3);
});

test('There are so many rooms and no more, until one is empty, also a protected one', async (t) => {
  const server = await startServer(t, { maxRooms: 3 });
  const alice = await WireClient.login(server, 'alice');
  for (const room of ['#old secret', '#older secret', '#open']) await alice.ask(`/join ${room}`);
  const refused = [
    '*** There are 3 rooms with members, and no more are allowed. ***',
    'Usage: /join <#room> [password]',
  ];
  assert.deepEqual(await alice.ask('/join #a'), refused);
  assert.deepEqual(await alice.ask('/join #a secret'), refused);
  await alice.ask('/leave #old');
  assert.equal((await alice.ask('/join #a'))[0], 'Created and joined room #a');
  assert.equal(server.stats().rooms.open, 3);
  assert.equal(server.stats().refused.rooms, 2);
});

test('A client and an address may create so many rooms in a minute, protected ones too', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, roomsPerMinute: 2, roomsPerMinutePerAddress: 3 });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  const refused = [
    '*** Too many rooms were created from here in the last minute. Try again later. ***',
    'Usage: /join <#room> [password]',
  ];
  const created = async (client: WireClient, room: string): Promise<boolean> => {
    await client.settle();
    const answers = await client.ask(`/join ${room}`);
    if (answers[0] === `Created and joined room ${room.split(' ')[0]}`) return true;
    assert.deepEqual(answers.slice(-2), refused);
    return false;
  };
  assert.deepEqual(
    [await created(alice, '#a'), await created(alice, '#b secret'), await created(alice, '#c secret')],
    [true, true, false],
  );
  assert.equal((await alice.ask('/join #a'))[0], 'Joined room #a', 'joining is free');
  assert.deepEqual([await created(bob, '#d'), await created(bob, '#e')], [true, false]);
  clock.advance(30_000);
  assert.equal(await created(alice, '#f'), true);
  assert.equal(server.stats().refused.roomRate, 2);
});

test('The name of a new room may be so long and no longer, counted in bytes', async (t) => {
  const server = await startServer(t, { maxRoomNameBytes: 10 });
  const alice = await WireClient.login(server, 'alice');
  assert.equal((await alice.ask('/join #éééé1'))[0], 'Created and joined room #éééé1');
  assert.deepEqual(await alice.ask('/join #éééé12'), [
    '*** The name of a room may have at most 10 bytes. ***',
    'Room names must start with # (e.g., #general)',
  ]);
});

test('An empty room is forgotten after its time, an open one sooner than a protected one', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, {
    clock,
    emptyRoomTimeout: 300,
    protectedRoomTimeout: 3600,
    idleTimeout: 1_000_000,
  });
  const alice = await WireClient.login(server, 'alice');
  for (const room of ['#open', '#vault secret', '#kept']) await alice.ask(`/join ${room}`);
  for (const room of ['#open', '#vault']) await alice.ask(`/leave ${room}`);
  clock.advance(299_000);
  assert.equal((await alice.ask('/join #open'))[0], 'Joined room #open', 'joining it ends its time');
  clock.advance(60_000);
  await alice.ask('/leave #open');
  clock.advance(299_000);
  assert.match((await alice.ask('/rooms'))[0] ?? '', /#open/);
  clock.advance(61_000);
  assert.deepEqual(await alice.ask('/rooms'), ['Active Rooms:\n  #vault 🔒 (0 users)\n  #kept (1 users)\n']);
  assert.match((await alice.ask('/join #vault'))[0] ?? '', /password-protected/);
  clock.advance(3_600_000);
  assert.equal((await alice.ask('/join #vault'))[0], 'Created and joined room #vault');
});

test('A slow reader is told and closed; what waited is discarded, and nobody else waits', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log, maxQueuedBytes: 1_048_576, messageBurst: 100_000 });
  const alice = await WireClient.login(server, 'alice');
  const slow = await WireClient.login(server, 'slow');
  await slow.ask('/join #a');
  await alice.ask('/join #a');
  slow.socket.pause();
  while (server.users.includes('slow')) {
    for (let index = 0; index < 50; index++) alice.send(`[#a] ${index} ${'x'.repeat(3000)}`);
    await alice.settle();
  }
  slow.socket.resume();
  await slow.closed;
  assert.equal(
    slow.received.at(-1),
    '*** Disconnected: you read too slowly, and messages for you were discarded. ***',
  );
  assert.ok(heard(slow) < heard(alice) - 100, 'what waited was discarded');
  assert.ok(alice.received.includes('*** slow left #a ***'));
  assert.equal((await book.nth('closed', 1)).reason, 'queueFull');
  assert.equal(server.stats().connections.closed.queueFull, 1);
});
