import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { QuietRoomServer } from '@quietroom/server';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { connectTls, WireClient } from '../wireClient.js';

const GOODBYE = '*** Server is shutting down. Goodbye! ***';

test('Everyone is told that the server shuts down, after all that came before, and is closed', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const clients = [await WireClient.login(server, 'alice'), await WireClient.login(server, 'bob')];
  const [alice] = clients;
  for (let index = 0; index < 1000; index++) alice?.send(`/msg bob ${index}`);
  await alice?.settle();
  await server.close();
  await Promise.all(clients.map(({ closed }) => closed));
  for (const client of clients) assert.equal(client.received.at(-1), GOODBYE);
  assert.equal(clients[1]?.received.at(-2), '[DM from alice]: 999');
  assert.deepEqual(server.users, []);
  assert.deepEqual(
    book.of('closed').map(({ reason }) => reason),
    ['shutdown', 'shutdown'],
  );
  assert.deepEqual(book.entries.at(-1), { event: 'stopped' });
});

test('Nobody can connect while the server closes and afterwards', async (t) => {
  const server = await startServer(t);
  const closing = server.close();
  const [error] = (await once(connect(server.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
  await closing;
});

test('Closing takes about a second at most, whatever the clients do', async (t) => {
  // A clock that stands still does not hold it up.
  const server = await startServer(t, {
    clock: new FakeClock(),
    decoyTraffic: false,
    messageBurst: 10_000,
  });
  const alice = await WireClient.login(server, 'alice');
  const slow = await WireClient.login(server, 'slow');
  slow.socket.pause();
  for (let round = 0; round < 50; round++) {
    for (let index = 0; index < 20; index++) alice.send(`/msg slow ${'x'.repeat(4000)}`);
    await alice.settle();
  }
  const refused = await WireClient.open(server);
  refused.send('alice');
  await refused.next();
  const tcp = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(tcp, 'connect');
  await connectTls(server.port);
  await WireClient.open(server);

  const start = performance.now();
  await server.close();
  assert.ok(performance.now() - start < 3000);
  tcp.destroy();
  slow.socket.destroy();
});

test('Connections without a login do not hold up the closing', async (t) => {
  const server = await startServer(t);
  const tcp = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(tcp, 'connect');
  await connectTls(server.port);
  await WireClient.open(server);
  const start = performance.now();
  await server.close();
  assert.ok(performance.now() - start < 500);
});

test('A server can be closed any number of times', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const alice = await WireClient.login(server, 'alice');
  const times = Array.from({ length: 3 }, () => server.close());
  await Promise.all(times);
  await server.close();
  await server[Symbol.asyncDispose]();
  await alice.closed;
  assert.equal(alice.received.filter((text) => text === GOODBYE).length, 1);
  assert.equal(book.of('stopped').length, 1);
});

test('A server is closed at the end of its scope', async () => {
  let port: number;
  {
    await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    port = server.port;
  }
  const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});

test("A taken port is Node's own error", async (t) => {
  const server = await startServer(t);
  const second = QuietRoomServer.start({ port: server.port, identity: firstIdentity });
  await assert.rejects(second, { code: 'EADDRINUSE' });
});

test('A closed server has no timers left', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock });
  const user = await WireClient.login(server, 'user');
  const quitter = await WireClient.login(server, 'quitter');
  const refused = await WireClient.open(server);
  refused.send('user');
  await refused.next();
  quitter.send('/quit');
  await Promise.all([quitter.closed, user.settle()]);
  await connectTls(server.port);
  assert.ok(clock.pending > 0);
  await server.close();
  assert.equal(clock.pending, 0);
});

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

test('A process ends by itself when its server is closed', async () => {
  const program = `
    import { QuietRoomServer } from '@quietroom/server';
    import { firstIdentity } from '@quietroom/testing';
    import { WireClient } from '../wireClient.js';
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, decoyInterval: 1000 });
    const [user, quitter] = [await WireClient.login(server, 'user'), await WireClient.login(server, 'quitter')];
    await user.ask('/join #vault secret');
    quitter.send('/quit');
    await quitter.closed;
    await WireClient.open(server);
    await server.close();
    await user.closed;
    const start = performance.now();
    process.on('exit', () => console.log(performance.now() - start));
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: here });
  assert.ok(Number(stdout) < 500, `it took ${stdout.trim()} ms more`);
});

test('Importing the server does not load the library for certificates', async () => {
  const program = `
    import '@quietroom/server';
    console.log(typeof Reflect.getMetadata);
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: here });
  assert.equal(stdout, 'undefined\n');
});
