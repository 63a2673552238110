import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const MINUTE = 60_000;
const IDLE = '*** Disconnected: no traffic for too long. ***';

test('A user without traffic for three minutes is told and closed, and the name is free', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyTraffic: false, log: book.log });
  const silent = await WireClient.login(server, 'silent');
  clock.advance(3 * MINUTE);
  assert.deepEqual(server.users, ['silent']);
  clock.advance(MINUTE);
  assert.deepEqual(server.users, []);
  await silent.closed;
  assert.equal(silent.received.at(-1), IDLE);
  assert.equal((await book.nth('closed', 1)).reason, 'idle');
  await WireClient.login(server, 'silent');
});

test('What a client sends keeps it, and so does what it is sent', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false });
  const sender = await WireClient.login(server, 'sender');
  const listener = await WireClient.login(server, 'listener');
  for (let minute = 0; minute < 10; minute++) {
    clock.advance(MINUTE);
    await sender.ask(minute % 2 === 0 ? '/rooms' : 'hello');
    await listener.count(listener.received.length);
  }
  assert.deepEqual(server.users, ['sender', 'listener']);
});

test('Decoys of the client keep it', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false });
  const client = await WireClient.login(server, 'client');
  const other = await WireClient.login(server, 'other');
  for (let minute = 0; minute < 8; minute++) {
    client.channel.sendDecoy(100);
    // Answered after the decoy, which was sent before.
    await other.ask('/rooms');
    await other.ask('/rooms');
    clock.advance(MINUTE);
  }
  assert.ok(server.users.includes('client'));
});

test('Decoys for the client keep it, as long as the network takes them', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyInterval: 30 });
  const reader = await WireClient.login(server, 'reader');
  const other = await WireClient.login(server, 'other');
  for (let minute = 0; minute < 8; minute++) {
    clock.advance(MINUTE);
    // Answered after the decoys, which were sent before.
    await other.ask('/rooms');
    await other.ask('/rooms');
  }
  assert.equal(reader.received.length, 5, 'nothing but decoys has come since');
  assert.deepEqual(server.users, ['reader', 'other']);
});

test('Of a peer that takes nothing any more the name gets free, whatever waits for it', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyInterval: 30, log: book.log, messageBurst: 1_000_000 });
  const alice = await WireClient.login(server, 'alice');
  const dead = await WireClient.login(server, 'dead');
  await dead.ask('/join #a');
  await alice.ask('/join #a');
  dead.socket.pause();
  // Until the buffers of the system are full.
  let queued = 0;
  for (let last = -1; queued === 0 || queued !== last;) {
    last = queued;
    for (let index = 0; index < 100; index++) alice.send(`/msg dead ${'x'.repeat(4000)}`);
    await alice.settle();
    queued = server.stats().queue.largestBytes;
    if (queued > 500_000) break;
  }
  alice.forget();
  for (let minute = 0; minute < 6; minute++) {
    clock.advance(MINUTE);
    await alice.settle();
  }
  assert.deepEqual(server.users, ['alice']);
  assert.deepEqual(alice.received.slice(0, 2), ['*** dead left #a ***', '*** dead left the chat ***']);
  // What does not read does not close either.
  clock.advance(5_000);
  assert.equal((await book.nth('closed', 1)).reason, 'idle');
  dead.socket.destroy();
});

test('A client that only takes what it is sent is closed after silentTimeout, and only then', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyInterval: 30, silentTimeout: 600, log: book.log });
  const silent = await WireClient.login(server, 'silent');
  const other = await WireClient.login(server, 'other');
  for (let minute = 0; minute < 10; minute++) {
    clock.advance(MINUTE);
    assert.deepEqual(server.users, ['silent', 'other']);
    await other.ask('/rooms');
    await other.ask('/rooms');
  }
  clock.advance(MINUTE);
  assert.deepEqual(server.users, ['other']);
  await silent.closed;
  assert.equal(silent.received.at(-1), '*** Disconnected: nothing came from you for too long. ***');
  assert.equal((await book.nth('closed', 1)).reason, 'silent');
  assert.equal(server.stats().connections.closed.silent, 1);
});
