import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import type { QuietRoomServer, ServerOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const INTERVAL_MS = 1000;
const CELL_BYTES = 512;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** A steady server, a client that is logged in, and the sizes of the records that it gets from now on. */
async function steadyPair(t: TestContext, options: ServerOptions = {}) {
  const clock = new FakeClock();
  const clients: WireClient[] = [];
  // The server waits for those who are still there: so they go first.
  t.after(() => {
    for (const { tcp } of clients) tcp.resetAndDestroy();
  });
  const server = await startServer(t, { clock, cover: 'steady', decoyTraffic: false, ...options });
  const login = async (name: string): Promise<WireClient> => {
    const client = await loginSteadily(server, clock, name);
    clients.push(client);
    return client;
  };
  const alice = await login('alice');
  return { clock, server, alice, records: recordsOf(alice), login };
}

/** The texts of the login come at once; the lobby's notice, if it comes later, on a tick. */
async function loginSteadily(server: QuietRoomServer, clock: FakeClock, name: string): Promise<WireClient> {
  const client = await WireClient.open(server);
  client.send(name);
  await until(() => client.received.some((text) => text.startsWith('Welcome')));
  await ticks(clock, 3);
  await until(() => client.received.includes(`*** ${name} joined the chat ***`));
  return client;
}

function recordsOf(client: WireClient): number[] {
  const sizes: number[] = [];
  client.socket.on('data', (record: Buffer) => sizes.push(record.length));
  return sizes;
}

/** Lets ticks pass; the network takes what each brings. */
async function ticks(clock: FakeClock, count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    clock.advance(INTERVAL_MS);
    await turn();
    await turn();
  }
}

/** Lets time pass until the condition holds. */
async function passUntil(clock: FakeClock, condition: () => boolean): Promise<void> {
  while (!condition()) await ticks(clock, 1);
}

test('A steady server sends one cell per tick to a client, whether the chat is busy or idle', async (t) => {
  for (const isBusy of [false, true]) {
    const { clock, alice, records, login } = await steadyPair(t);
    const bob = await login('bob');
    await ticks(clock, 5);
    const before = records.length;
    if (isBusy) for (let count = 0; count < 10; count++) bob.send(`message ${count}`);
    await turn();
    for (let tick = 1; tick <= 30; tick++) {
      clock.advance(INTERVAL_MS);
      await until(() => records.length >= before + tick);
    }
    assert.equal(records.length, before + 30);
    assert.deepEqual(new Set(records), new Set([CELL_BYTES]));
    const chat = alice.received.filter((text) => text.includes('bob: '));
    assert.equal(chat.length, isBusy ? 10 : 0);
    assert.deepEqual(
      chat.map((text) => text.slice('[12:00:00] '.length)),
      Array.from(chat, (_, index) => `bob: message ${index}`),
    );
  }
});

test('What takes more than a cell spans ticks: long texts and lists, in order with the rest', async (t) => {
  const { clock, alice, records } = await steadyPair(t);
  const long = 'x'.repeat(2000);
  alice.send(long);
  alice.send('/users');
  alice.send('/help');
  alice.forget();
  await passUntil(clock, () => alice.received.length === 3);
  assert.ok(alice.received[0]?.endsWith(`alice: ${long}`));
  assert.match(alice.received[1] ?? '', /^Online Users/);
  assert.match(alice.received[2] ?? '', /Available Commands/);
  assert.deepEqual(new Set(records), new Set([CELL_BYTES]));
});

test('A client of any server is sent cells once it has asked by /steady', async (t) => {
  const { clock, alice, login } = await steadyPair(t, { cover: { mode: 'decoys', interval: 0.5 } });
  const bob = await login('bob');
  alice.forget();
  alice.send('/steady');
  await passUntil(clock, () => alice.received.includes('Steady: one cell of 512 bytes every 0.5 s.'));
  const records = recordsOf(alice);
  const of = { bob: recordsOf(bob) };
  bob.send('one');
  bob.send('two');
  await bob.settle();
  const { length } = records;
  for (let tick = 1; tick <= 20; tick++) {
    clock.advance(500);
    await until(() => records.length >= length + tick);
  }
  assert.ok(alice.received.some((text) => text.endsWith('bob: two')));
  assert.equal(of.bob.length, 3, 'bob is sent what there is, at once');
  alice.send('/steady');
  clock.advance(500);
  await until(() => records.length >= length + 21);
  assert.equal(records.length, length + 21, 'asking again changes nothing');
});

test('With random padding, /steady is an unknown command', async (t) => {
  const server = await startServer(t, { padding: 'random' });
  const alice = await WireClient.login(server, 'alice');
  assert.deepEqual(await alice.ask('/steady'), [
    'Unknown command: /steady. Type /help for available commands.',
  ]);
});

test('A steady client that is far behind is told and closed, and others go on', async (t) => {
  const book = new LogBook();
  const { clock, server, alice } = await steadyPair(t, {
    log: book.log,
    cover: 'decoys',
    maxQueuedBytes: 1_048_576,
    messagesPerSecond: 1_000_000,
  });
  const bob = await WireClient.login(server, 'bob');
  bob.send('/steady');
  await passUntil(clock, () => bob.received.some((text) => text.startsWith('Steady')));
  const text = 'y'.repeat(3000);
  for (let count = 0; count < 60; count++) alice.send(`/msg bob ${text}`);
  await passUntil(clock, () => bob.received.some((one) => one.includes('you read too slowly')));
  let isClosed = false;
  void bob.closed.then(() => {
    isClosed = true;
    return undefined;
  });
  await passUntil(clock, () => isClosed);
  assert.equal(book.of('closed').at(-1)?.reason, 'queueFull');
  assert.equal((await alice.ask('/users'))[0], 'Online Users (1):\n  alice');
});

test('The farewell of a steady server reaches its clients on their ticks', async (t) => {
  const { clock, server, alice, records } = await steadyPair(t);
  for (let count = 0; count < 20; count++) alice.send(`text ${count}`);
  await ticks(clock, 2);
  const closed = server.close();
  await passUntil(clock, () => alice.received.includes('*** Server is shutting down. Goodbye! ***'));
  await closed;
  assert.deepEqual(new Set(records), new Set([CELL_BYTES]));
});

test('A reload changes the interval and the mode, and no other option disturbs the ticks', async (t) => {
  const { clock, server, alice, records } = await steadyPair(t);
  for (let count = 0; count < 8; count++) alice.send(`text ${count}`);
  await ticks(clock, 1);
  const before = records.length;
  server.reload({ motd: 'news' });
  await turn();
  await turn();
  assert.equal(records.length, before, 'nothing is let out');
  server.reload({ cover: { mode: 'steady', interval: 2 } });
  await turn();
  await turn();
  assert.equal(records.length, before);
  for (let tick = 0; tick < 10; tick++) {
    clock.advance(2000);
    await turn();
    await turn();
  }
  assert.equal(records.length, before + 10);
  server.reload({ cover: 'decoys' });
  alice.forget();
  await alice.ask('at once');
  assert.throws(() => server.reload({ cover: { mode: 'steady', interval: 60 } }), /cover\.interval/);
});

test('A steady server refuses files with the reason, unless it may leave the mode, which both are told', async (t) => {
  const { clock, server, alice, login } = await steadyPair(t);
  const sha256 = 'a'.repeat(64);
  const bob = await login('bob');
  alice.send(`/file bob a.txt ${sha256}`);
  await passUntil(clock, () => alice.received.some((text) => text.includes('Files are refused')));
  server.reload({ leaveSteadyForFiles: true });
  alice.send(`/file bob a.txt ${sha256}`);
  await passUntil(clock, () => bob.received.some((text) => text.startsWith('*** FILE TRANSFER REQUEST')));
  const id = /Transfer ID: (\S+)/.exec(bob.received.join('\n'))?.[1] ?? '';
  bob.send(`/accept ${id}`);
  await passUntil(clock, () => alice.received.some((text) => text.startsWith('BEGIN_SEND')));
  for (const client of [alice, bob]) {
    assert.ok(client.received.some((text) => text.includes('steady mode is left')));
  }
  const chunk = Buffer.alloc(30_000, 'c');
  alice.sendFile(`FILE_START|a.txt|${chunk.length}`, chunk, 'FILE_END');
  const records = recordsOf(bob);
  let most = 0;
  while (!bob.received.some((text) => text.includes('Check hash!'))) {
    const before = records.length;
    await ticks(clock, 1);
    most = Math.max(most, records.length - before);
  }
  assert.ok(most > 1, 'several cells in one tick');
  for (const client of [alice, bob]) {
    await passUntil(clock, () => client.received.some((text) => text.includes('steady mode goes on')));
  }
  bob.send('/users');
  await turn();
  records.length = 0;
  await ticks(clock, 5);
  assert.deepEqual(
    records,
    Array.from({ length: 5 }, () => CELL_BYTES),
  );
});

test('Options of the steady mode are checked', async () => {
  const { checkOptions } = await import('@quietroom/server');
  for (const cover of ['loud', { mode: 'steady', interval: 0.05 }, { mode: 'steady', answers: true }, 3]) {
    // As JavaScript callers may.
    assert.throws(() => checkOptions({ cover } as ServerOptions), /cover|answers/, JSON.stringify(cover));
  }
  assert.throws(() => checkOptions({ cover: 'steady', padding: 'random' }), /padding must be/);
  checkOptions({ cover: { mode: 'steady', interval: 0.1 }, leaveSteadyForFiles: true });
});
