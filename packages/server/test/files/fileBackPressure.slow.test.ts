import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { QuietRoomServer, ServerOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { begin } from './fileTransfer.js';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const CHUNK = Buffer.alloc(4000, 0x61);
/** More than the buffers of the system hold, and by far. */
const CHUNKS = 10_000;
const SIZE = CHUNK.length * CHUNKS;
/** What may wait for a recipient, and what comes in one TLS record, padded. */
const MOST_BYTES = 256 * 1024 + 2 * 16_384;
const MINUTE = 60_000;
const RECEIVED = '*** File transfer stream completed. Check hash! ***';
const TOO_FAST = '*** You are sending too fast: the server now reads you more slowly. Nothing is lost. ***';

interface Stage {
  readonly clock: FakeClock;
  readonly server: QuietRoomServer;
  readonly book: LogBook;
  readonly alice: WireClient;
  readonly bob: WireClient;
  readonly carol: WireClient;
}

/** A large file on its way from alice to bob, who does not read: alice is not read any more. */
async function setStuck(t: TestContext, options: ServerOptions = {}): Promise<Stage> {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyTraffic: false, log: book.log, ...options });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  const carol = await WireClient.login(server, 'carol');
  await begin(clock, alice, [bob, 'bob']);
  for (const client of [alice, bob, carol]) {
    await client.settle();
    client.forget();
  }
  bob.socket.pause();
  alice.sendFile(`FILE_START|a.bin|${SIZE}`);
  for (let count = 0; count < CHUNKS; count++) alice.sendFile(CHUNK);
  alice.sendFile('FILE_END');
  await stuck(server, carol);
  return { clock, server, book, alice, bob, carol };
}

/** Resolves when nothing more is relayed, though there is more. */
async function stuck(server: QuietRoomServer, other: WireClient): Promise<void> {
  let same = 0;
  for (let last = -1; same < 50;) {
    await other.settle();
    const { bytes } = server.stats().files;
    same = bytes > 0 && bytes === last ? same + 1 : 0;
    last = bytes;
  }
  assert.ok(server.stats().files.bytes < SIZE);
}

test('What waits for a recipient who does not read is bounded, and nobody else waits', async (t) => {
  const { server, bob, carol } = await setStuck(t);
  const { queue, files } = server.stats();
  assert.ok(queue.largestBytes > 0 && queue.largestBytes <= MOST_BYTES, `${queue.largestBytes}`);
  assert.equal(files.running, 1);
  await carol.ask('/msg bob hi');
  bob.socket.resume();
  await bob.until('[DM from carol]: hi');
  await bob.until(RECEIVED);
  const got = bob.files.reduce((sum, { length }) => sum + length, 0);
  const markers = (bob.files[0]?.length ?? 0) + 'FILE_END'.length;
  assert.equal(got - markers, SIZE);
  assert.equal(server.stats().files.ended.completed, 1);
});

test('A recipient who takes nothing has had the turn, and both are told; the sender is read again', async (t) => {
  const { clock, server, alice, bob, carol } = await setStuck(t);
  clock.advance(29_999);
  assert.equal(server.stats().files.running, 1);
  clock.advance(1);
  const told = /^\*\*\* File transfer cancelled: the recipient takes nothing \(ID: alice_bob_\d+\) \*\*\*$/;
  await alice.until(told);
  // What the sender had sent belongs to nothing now.
  await alice.settle();
  await carol.settle();
  assert.deepEqual(server.users, ['alice', 'bob', 'carol']);
  bob.socket.resume();
  await bob.until(told);
});

test('When the recipient is gone its sender is told and read again, and can send the next file', async (t) => {
  const { clock, alice, bob, carol } = await setStuck(t);
  bob.tcp.resetAndDestroy();
  await alice.until('*** File transfer cancelled: recipient disconnected ***');
  await begin(clock, alice, [carol, 'carol']);
  alice.sendFile('FILE_START|a.bin|5', 'hello', 'FILE_END');
  await carol.until(RECEIVED);
});

test('A sender who goes in good order after the end of the file has sent all of it', async (t) => {
  const { alice, bob } = await setStuck(t);
  alice.channel.end();
  bob.socket.resume();
  await bob.until(RECEIVED);
  await bob.until('*** alice left the chat ***');
  assert.equal(bob.files.length, CHUNKS + 2);
});

test('A sender who is not read is not idle or silent, and is missed when gone', async (t) => {
  const { clock, server, book, alice, bob, carol } = await setStuck(t, {
    silentTimeout: 120,
    transferStallTimeout: 3600,
  });
  for (let minute = 0; minute < 6; minute++) {
    carol.send('/rooms');
    bob.channel.sendDecoy(100);
    await carol.settle();
    await carol.settle();
    clock.advance(MINUTE);
  }
  assert.deepEqual(server.users, ['alice', 'bob', 'carol']);
  alice.tcp.resetAndDestroy();
  clock.advance(3600_000 - 6 * MINUTE);
  const entry = await book.nth('closed', 1);
  assert.equal(entry.name, 'alice');
});

test('A file that waits does not count against the queue of its recipient', async (t) => {
  const maxQueuedBytes = 1_048_576;
  const { clock, server, bob, carol } = await setStuck(t, { maxQueuedBytes });
  assert.ok(server.stats().queue.largestBytes > 0);
  await carol.ask('/msg bob hi');
  for (let second = 0; second < 10; second++) clock.advance(1000);
  assert.ok(server.users.includes('bob'));
  // Of the texts alone, more than an eighth waits.
  for (let count = 0; count < 60; count++) await carol.ask(`/msg bob ${'x'.repeat(3900)}`);
  // The system may take some more at first, which counts as reading.
  for (let second = 0; second < 15 && server.users.includes('bob'); second++) {
    clock.advance(1000);
    await carol.settle();
  }
  assert.ok(!server.users.includes('bob'));
  bob.socket.destroy();
});

test('A fast file is not slowed by the limit on texts, and what belongs to no file is', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, {
    clock,
    decoyTraffic: false,
    messagesPerSecond: 10,
    messageBurst: 20,
  });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await begin(clock, alice, [bob, 'bob']);
  alice.sendFile(`FILE_START|a.bin|${CHUNK.length * 200}`);
  for (let count = 0; count < 200; count++) alice.sendFile(CHUNK);
  alice.sendFile('FILE_END');
  await bob.until(RECEIVED);
  await alice.settle();
  assert.equal(alice.received.includes(TOO_FAST), false);

  clock.advance(10_000);
  for (let count = 0; count < 50; count++) alice.sendFile(CHUNK);
  alice.send('/rooms');
  await alice.until(TOO_FAST);
  // All but the first twenty wait for a tenth of a second each, and what comes behind them does, too.
  let steps = 0;
  while (!alice.received.includes('No active rooms. Use /join #roomname to create one.')) {
    clock.advance(100);
    await bob.settle();
    steps++;
  }
  assert.ok(steps > 25, `${steps}`);
  assert.ok(server.stats().refused.messageRate > 20);
});
