import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { QuietRoomServer, ServerOptions } from '@quietroom/server';
import { FILE_CHUNK_BYTES } from '@quietroom/protocol';
import { FakeClock, openPacket, readLike1x } from '@quietroom/testing';
import { begin, offer, SHA256 } from './fileTransfer.js';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const SENT = '*** File transfer stream completed. ***';
const RECEIVED = '*** File transfer stream completed. Check hash! ***';

interface Stage {
  readonly clock: FakeClock;
  readonly server: QuietRoomServer;
  readonly alice: WireClient;
  readonly bob: WireClient;
}

async function setStage(t: TestContext, options: ServerOptions = {}): Promise<Stage> {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false, idleTimeout: 1_000_000, ...options });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await alice.until('*** bob joined the chat ***');
  return { clock, server, alice, bob };
}

/** Both have heard all that was said, and forget it. */
async function quiet(...clients: WireClient[]): Promise<void> {
  for (const client of clients) await client.settle();
  for (const client of clients) client.forget();
}

/** A file of alice's for bob whose turn it is. */
async function setBegun(t: TestContext, options?: ServerOptions): Promise<Stage> {
  const stage = await setStage(t, options);
  await begin(stage.clock, stage.alice, [stage.bob, 'bob']);
  await quiet(stage.alice, stage.bob);
  return stage;
}

test('Chunks of any size arrive whole, in packets that every client survives', async (t) => {
  const { alice, bob } = await setBegun(t);
  const chunks = [1, 511, 4064, 4065, 4068, 4096, 32_740, 3900].map((size) => randomBytes(size));
  const content = Buffer.concat(chunks);
  alice.sendFile(`FILE_START|a.bin|${content.length}`, ...chunks, 'FILE_END');
  await bob.until(RECEIVED);
  await alice.until(SENT);
  assert.equal(String(bob.files[0]), `FILE_START|a.bin|${content.length}|${SHA256}`);
  assert.equal(String(bob.files.at(-1)), 'FILE_END');
  assert.deepEqual(Buffer.concat(bob.files.slice(1, -1)), content);
  assert.ok(Math.max(...bob.files.map(({ length }) => length + 28)) <= 4096);
  assert.equal(bob.packets.at(-1)?.type, 'text', 'the notice comes after the end');
});

test('Content that looks like a marker is cut where no reader takes it for one', async (t) => {
  const { alice, bob } = await setBegun(t);
  const chunks = ['FILE_START|b.bin|7', ' FILE_END\n', 'FILE_START|', 'FILE_ENDS', 'x'];
  const size = chunks.join('').length;
  alice.sendFile(`FILE_START|a.bin|${size}`, ...chunks, 'FILE_END');
  await bob.until(RECEIVED);
  const got = bob.files.slice(1, -1).map(String);
  assert.equal(got.join(''), chunks.join(''));
  for (const chunk of got) assert.doesNotMatch(chunk, /^\s*FILE_START\||^\s*FILE_END\s*$/);
});

test('An end with white space around it is one when all has come', async (t) => {
  const { alice, bob } = await setBegun(t);
  alice.sendFile('FILE_START|a.bin|5', 'hello', 'FILE_END\r\n');
  await bob.until(RECEIVED);
  assert.equal(String(bob.files.at(-1)), 'FILE_END');
});

test('Fewer bytes than announced complete: the hash tells the recipient', async (t) => {
  const { alice, bob } = await setBegun(t);
  alice.sendFile('FILE_START|a.bin|500', 'hello', 'FILE_END');
  await bob.until(RECEIVED);
  await alice.until(SENT);
  assert.deepEqual(bob.files.slice(1).map(String), ['hello', 'FILE_END']);
});

test('More bytes than announced are not relayed, and both are told', async (t) => {
  const { server, alice, bob } = await setBegun(t);
  alice.sendFile('FILE_START|a.bin|5', 'hello', '!', 'more', 'FILE_END');
  const told = /^\*\*\* File transfer cancelled: more came than was announced \(ID: alice_bob_\d+\) \*\*\*$/;
  await alice.until(told);
  await bob.until(told);
  await quiet(alice);
  await bob.settle();
  assert.deepEqual(bob.files.map(String), [`FILE_START|a.bin|5|${SHA256}`, 'hello']);
  assert.equal(server.stats().files.ended.tooMuch, 1);
});

for (const size of ['0', '-1', '1e3', '', 'x', '1234567890123456']) {
  test(`An announced size of ${JSON.stringify(size)} is refused, and both are told`, async (t) => {
    const { alice, bob } = await setBegun(t);
    alice.sendFile(`FILE_START|a.bin|${size}`, 'hello', 'FILE_END');
    await alice.until('*** File transfer cancelled: invalid file size ***');
    await bob.until(/^\*\*\* File transfer cancelled: invalid file size \(ID: alice_bob_\d+\) \*\*\*$/);
    await bob.settle();
    assert.deepEqual(bob.files, []);
  });
}

test('A file may have maxFileBytes and no more, and both are told', async (t) => {
  const { clock, alice, bob } = await setBegun(t, { maxFileBytes: 5 });
  alice.sendFile('FILE_START|a.bin|5', 'hello', 'FILE_END');
  await bob.until(RECEIVED);
  await begin(clock, alice, [bob, 'bob']);
  bob.forget();
  alice.sendFile('FILE_START|a.bin|6', 'hello!', 'FILE_END');
  const told =
    /^\*\*\* File transfer cancelled: the file is larger than this server allows \(ID: alice_bob_\d+\) \*\*\*$/;
  await alice.until(told);
  await bob.until(told);
  assert.deepEqual(bob.files, []);
});

test('File packets that belong to no accepted file are not relayed', async (t) => {
  const { clock, alice, bob } = await setStage(t);
  const stray = ['FILE_START|a.bin|5', 'hello', 'FILE_END', '', 'FILE_START'];
  alice.sendFile(...stray);
  const id = await offer(alice, 'bob');
  alice.sendFile(...stray);
  await quiet(alice);
  bob.sendFile(...stray);
  await bob.ask(`/accept ${id}`);
  bob.sendFile(...stray);
  clock.advance(100);
  await quiet(alice, bob);
  assert.deepEqual([alice.files, bob.files], [[], []]);
  alice.sendFile('FILE_START|a.bin|5', 'hello', 'FILE_END', 'FILE_END', 'hello');
  await bob.until(RECEIVED);
  await alice.settle();
  await bob.settle();
  assert.equal(bob.files.length, 3);
});

test('Chunks before the start and empty chunks are relayed', async (t) => {
  const { alice, bob } = await setBegun(t);
  alice.sendFile('early', '', 'FILE_START|a.bin|5', '', 'hello', 'FILE_END');
  await bob.until(RECEIVED);
  const packets = ['early', '', `FILE_START|a.bin|5|${SHA256}`, '', 'hello', 'FILE_END'];
  assert.deepEqual(bob.files.map(String), packets);
});

test('Chunks before the start may have maxFileBytes together', async (t) => {
  const { alice, bob } = await setBegun(t, { maxFileBytes: 5 });
  alice.sendFile('hel', 'lo', '!', 'more');
  await bob.until(/^\*\*\* File transfer cancelled: the file is larger/);
  await alice.settle();
  await bob.settle();
  assert.deepEqual(bob.files.map(String), ['hel', 'lo']);
});

test('A recipient that takes nothing of what comes before the start delays the sender until it does', async (t) => {
  const { alice, bob } = await setBegun(t);
  const early = Array.from({ length: 100 }, () => randomBytes(32_000));
  alice.sendFile(...early, `FILE_START|a.bin|5`, 'hello', 'FILE_END');
  await bob.until(RECEIVED);
  assert.deepEqual(Buffer.concat(bob.files).subarray(0, 3_200_000), Buffer.concat(early));
});

test('What a sender still sends of a transfer that ended early does not get into the next one', async (t) => {
  const { clock, alice, bob } = await setBegun(t);
  const id = await offer(alice, 'bob');
  await bob.ask(`/accept ${id}`);
  alice.sendFile('FILE_START|a.bin|5', 'hello!', 'more', 'FILE_END');
  await bob.until(/^\*\*\* File transfer cancelled: more came/);
  clock.advance(100);
  alice.sendFile('FILE_START|a.bin|3', 'new', 'FILE_END');
  await bob.until(RECEIVED);
  const starts = [5, 3].map((size) => `FILE_START|a.bin|${size}|${SHA256}`);
  assert.deepEqual(bob.files.map(String), [...starts, 'new', 'FILE_END']);
});

test('A start of more than three parts is ignored', async (t) => {
  const { alice, bob } = await setBegun(t);
  alice.sendFile(
    `FILE_START|a.bin|5|${SHA256}`,
    'FILE_START|a|b|5',
    'FILE_START|a.bin|+05',
    'hello',
    'FILE_END',
  );
  await bob.until(RECEIVED);
  assert.deepEqual(bob.files.map(String), [`FILE_START|a.bin|5|${SHA256}`, 'hello', 'FILE_END']);
});

test('An end before the start completes the transfer', async (t) => {
  const { alice, bob } = await setBegun(t);
  alice.sendFile('FILE_END');
  await bob.until(RECEIVED);
  await alice.until(SENT);
  assert.deepEqual(bob.files.map(String), ['FILE_END']);
});

test('A sender who begins before being told to is not told to', async (t) => {
  const { clock, alice, bob } = await setStage(t);
  await bob.ask(`/accept ${await offer(alice, 'bob')}`);
  alice.sendFile('FILE_START|a.bin|5', 'hello', 'FILE_END');
  await bob.until(RECEIVED);
  clock.advance(1000);
  await alice.settle();
  assert.equal(
    alice.received.some((text) => text.startsWith('BEGIN_SEND')),
    false,
  );
});

test('Files of two senders for one recipient come one after the other', async (t) => {
  const { clock, server, alice, bob } = await setStage(t);
  const carol = await WireClient.login(server, 'carol');
  const first = await offer(alice, 'bob', 'first.bin');
  const second = await offer(carol, 'bob', 'second.bin');
  await bob.ask(`/accept ${second}`);
  await bob.ask(`/accept ${first}`);
  clock.advance(9 * 60_000);
  await quiet(alice, bob, carol);
  assert.deepEqual(server.stats().files.running, 1);
  carol.sendFile('FILE_START|second.bin|6', 'sec');
  alice.sendFile('FILE_START|first.bin|5', 'first', 'FILE_END');
  await quiet(alice);
  carol.sendFile('ond', 'FILE_END');
  await bob.until(RECEIVED);
  clock.advance(99);
  await alice.settle();
  assert.deepEqual(alice.received, []);
  clock.advance(1);
  await alice.until(`BEGIN_SEND|first.bin|${SHA256}`);
  // Its ten minutes begin with its turn.
  clock.advance(9 * 60_000);
  alice.sendFile('FILE_START|first.bin|5', 'first', 'FILE_END');
  await bob.until(RECEIVED);
  assert.deepEqual(bob.files.map(String), [
    `FILE_START|second.bin|6|${SHA256}`,
    'sec',
    'ond',
    'FILE_END',
    `FILE_START|first.bin|5|${SHA256}`,
    'first',
    'FILE_END',
  ]);
});

test('Files of one sender for two recipients go one after the other, and others need not wait', async (t) => {
  const { clock, server, alice, bob } = await setStage(t);
  const carol = await WireClient.login(server, 'carol');
  const dave = await WireClient.login(server, 'dave');
  const [toBob, toCarol] = [await offer(alice, 'bob'), await offer(alice, 'carol')];
  const [fromDave, fromBob] = [await offer(dave, 'carol'), await offer(bob, 'alice')];
  await bob.ask(`/accept ${toBob}`);
  await carol.ask(`/accept ${toCarol}`);
  await carol.ask(`/accept ${fromDave}`);
  await alice.ask(`/accept ${fromBob}`);
  clock.advance(100);
  await quiet(alice, bob, carol, dave);
  assert.equal(server.stats().files.running, 3);
  dave.sendFile('FILE_START|a.bin|4', 'dave');
  await carol.countFiles(2);
  // Those who wait can be gone before their turn.
  await alice.ask(`/decline ${toBob}`);
  clock.advance(100);
  await quiet(alice);
  assert.equal(server.stats().files.running, 2);
  dave.sendFile('FILE_END');
  await carol.until(RECEIVED);
  clock.advance(100);
  await alice.until(`BEGIN_SEND|a.bin|${SHA256}`);
  alice.sendFile('FILE_START|a.bin|5', 'alice', 'FILE_END');
  await carol.until(RECEIVED);
  assert.deepEqual(carol.files.slice(-2).map(String), ['alice', 'FILE_END']);
});

test('A sender who stops sending has had the turn, and both are told', async (t) => {
  const { clock, server, alice, bob } = await setBegun(t);
  alice.sendFile('FILE_START|a.bin|500');
  for (let count = 0; count < 10; count++) {
    alice.sendFile('some more');
    await bob.countFiles(count + 2);
    // By then the server knows that the network has taken it.
    await alice.settle();
    await bob.settle();
    clock.advance(29_000);
  }
  clock.advance(999);
  await quiet(bob, alice);
  clock.advance(1);
  const told = /^\*\*\* File transfer cancelled: the sender sends nothing \(ID: alice_bob_\d+\) \*\*\*$/;
  await bob.until(told);
  await alice.until(told);
  assert.equal(server.stats().files.ended.senderStalled, 1);
});

test('Files of 1 MiB each go in a row between the same two', async (t) => {
  const { clock, alice, bob } = await setStage(t);
  const content = randomBytes(1_048_576);
  const chunks = Array.from({ length: 256 }, (_, index) =>
    content.subarray(index * 4096, (index + 1) * 4096),
  );
  for (let round = 0; round < 3; round++) {
    await begin(clock, alice, [bob, 'bob']);
    bob.forget();
    alice.sendFile(`FILE_START|a.bin|${content.length}`, ...chunks, 'FILE_END');
    await bob.until(RECEIVED);
    assert.ok(Buffer.concat(bob.files.slice(1, -1)).equals(content));
  }
});

for (const padding of ['uniform', 'random'] as const) {
  test(`A 1.x reader gets every packet of a file that is sent as fast as can be, with padding ${padding}`, async (t) => {
    const { clock, alice, bob } = await setStage(t, { padding });
    await begin(clock, alice, [bob, 'bob']);
    await quiet(alice, bob);
    const records: Buffer[] = [];
    bob.socket.on('data', (record: Buffer) => records.push(record));
    const size = 1_000_000;
    alice.sendFile(`FILE_START|a.bin|${size}`);
    for (let sent = 0; sent < size; sent += FILE_CHUNK_BYTES) {
      alice.sendFile(randomBytes(Math.min(FILE_CHUNK_BYTES, size - sent)));
    }
    alice.sendFile('FILE_END');
    await bob.until(RECEIVED);
    for (const arrival of ['burst', 'spaced'] as const) {
      const read = readLike1x(records, arrival)
        .filter(({ type }) => type === 3)
        .map(({ data }) => openPacket(bob.sessionKey(), data));
      assert.deepEqual(read, bob.files);
    }
  });
}
