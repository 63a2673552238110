import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { FakeClock, readLike1x, secondIdentity } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { connectTls, WireClient } from '../wireClient.js';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

test('A delay holds back all that a user is sent, in order, and nothing of others', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false });
  const bot = await WireClient.login(server, 'bot');
  const alice = await WireClient.login(server, 'alice');
  await bot.settle();
  bot.forget();
  server.faults.delay('bot', 2);
  for (const text of ['one', 'two']) await alice.ask(`/msg bot ${text}`);
  clock.advance(1999);
  await alice.settle();
  await turns(5);
  assert.deepEqual(bot.received, []);
  clock.advance(1);
  await bot.count(2);
  server.faults.clear();
  await alice.ask('/msg bot three');
  await bot.count(3);
  assert.deepEqual(
    bot.received,
    ['one', 'two', 'three'].map((text) => `[DM from alice]: ${text}`),
  );
});

test('A cut ends the connection of one user without a farewell, and the name is free', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const bot = await WireClient.login(server, 'bot');
  const alice = await WireClient.login(server, 'alice');
  server.faults.cut('bot');
  await bot.closed;
  await alice.until('*** bot left the chat ***');
  assert.equal((await book.nth('closed', 1)).reason, 'fault');
  await WireClient.login(server, 'bot');
});

test('Split records are as short as was asked for, and hold the same', async (t) => {
  const server = await startServer(t, { decoyTraffic: false });
  const bot = await WireClient.login(server, 'bot');
  await bot.settle();
  server.faults.splitRecords('bot', 100);
  const lengths: number[] = [];
  bot.socket.on('data', (record: Buffer) => lengths.push(record.length));
  assert.deepEqual(await bot.ask('/rooms'), ['No active rooms. Use /join #roomname to create one.']);
  assert.ok(lengths.length > 5 && lengths.every((length) => length <= 100), String(lengths));
});

for (const padding of ['uniform', 'random'] as const) {
  test(`Joined records hold several packets, of which a 1.x reader loses some and ours none (${padding})`, async (t) => {
    const server = await startServer(t, { decoyTraffic: false, padding });
    server.faults.joinRecords();
    const bot = await WireClient.login(server, 'bot');
    server.faults.clear();
    const records: Buffer[] = [];
    bot.socket.on('data', (record: Buffer) => records.push(record));
    bot.forget();
    for (let count = 0; count < 100; count++) bot.send('/rooms');
    await bot.count(100);
    assert.ok(records.length < 50, `${records.length} records`);
    assert.ok(readLike1x(records).length < 100);
    await bot.settle();
    const alice = await WireClient.login(server, 'alice');
    const own: number[] = [];
    alice.socket.on('data', (record: Buffer) => own.push(record.length));
    await alice.settle();
    assert.ok(own.every((length) => length <= 512));
  });
}

test('Dropped answers do not come, and what follows does', async (t) => {
  const server = await startServer(t);
  const bot = await WireClient.login(server, 'bot');
  server.faults.dropAnswers('bot', 2);
  bot.send('/rooms');
  bot.send('/msg bot hi');
  assert.deepEqual(await bot.ask('/users'), ['[DM to bot]: hi', 'Online Users (1):\n  bot']);
  server.faults.dropAnswers('bot', 10);
  server.faults.clear();
  assert.equal((await bot.ask('/users')).length, 1);
});

test('A half-open connection stays, but nothing goes through it any more, until it is idle for too long', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock });
  const bot = await WireClient.login(server, 'bot');
  const alice = await WireClient.login(server, 'alice');
  await bot.settle();
  server.faults.halfOpen('bot');
  bot.forget();
  alice.forget();
  bot.send('anyone?');
  await alice.ask('/msg bot hi');
  assert.deepEqual(alice.received, ['[DM to bot]: hi']);
  assert.deepEqual(bot.received, []);
  assert.deepEqual(server.users, ['bot', 'alice']);
  for (let minute = 0; minute < 5; minute++) {
    clock.advance(60_000);
    await alice.ask('/rooms');
  }
  assert.deepEqual(server.users, ['alice']);
  clock.advance(5000);
  await bot.closed;
});

test('A restart cuts everyone and has a new certificate on the same port, and no rooms', async (t) => {
  const server = await startServer(t);
  const bot = await WireClient.login(server, 'bot');
  await bot.ask('/join #a');
  const silent = await connectTls(server.port);
  const { port, certPem } = server;
  await server.faults.restart(secondIdentity);
  await Promise.all([bot.closed, silent.tcp.destroyed || once(silent.tcp, 'close')]);
  assert.equal(server.port, port);
  assert.notEqual(server.certPem, certPem);
  assert.equal(server.certPem, secondIdentity.certPem);
  assert.deepEqual(server.users, []);
  const again = await WireClient.login(server, 'bot');
  assert.match((await again.ask('/rooms'))[0] ?? '', /^No active rooms/);
  await server.faults.restart();
  assert.notEqual(server.certPem, secondIdentity.certPem);
  await WireClient.login(server, 'bot');
});

test('A fault for nobody is refused', async (t) => {
  const server = await startServer(t);
  assert.throws(() => server.faults.cut('nobody'), {
    name: 'ServerError',
    code: 'USER_UNKNOWN',
    message: 'No user is online as "nobody".',
  });
});

test('A server that is closed cannot be restarted, and stays closed', async (t) => {
  const server = await startServer(t);
  await server.close();
  await assert.rejects(server.faults.restart(secondIdentity), { name: 'ServerError', code: 'SERVER_CLOSED' });
  await assertRefuses(server.port);
});

test('A server that is closed while it restarts stays closed', async (t) => {
  const server = await startServer(t);
  const restarting = assert.rejects(server.faults.restart(secondIdentity), { code: 'SERVER_CLOSED' });
  await server.close();
  await restarting;
  await assertRefuses(server.port);
});

async function assertRefuses(port: number): Promise<void> {
  const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
}
