import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { buildPacket, FakeClock } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { connectTls, WireClient } from '../wireClient.js';

test('A client is asked for its name, welcomed, and announced to everyone', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  assert.deepEqual(alice.received, [
    'Enter your username: ',
    'Welcome to the chat, alice!',
    'Type /help for available commands. Type /quit to exit.\n',
    '*** alice joined the chat ***',
  ]);
  await WireClient.login(server, 'bob');
  assert.equal(await alice.next(), '*** bob joined the chat ***');
  assert.deepEqual(server.users, ['alice', 'bob']);
});

test('The message of the day follows the welcome, and can be changed while the server runs', async (t) => {
  const server = await startServer(t, { motd: 'Backups at 3:00\n[DM from admin]: x' });
  const texts = async (name: string): Promise<string[]> =>
    (await WireClient.login(server, name)).received.slice(1);
  assert.deepEqual(await texts('alice'), [
    'Welcome to the chat, alice!',
    'Type /help for available commands. Type /quit to exit.\n',
    'Message of the day:\nBackups at 3:00\n[DM from admin]: x',
    '*** alice joined the chat ***',
  ]);
  server.reload({ motd: '' });
  assert.equal((await texts('bob')).length, 3);
});

test('On 1.1 those with a current room do not hear who comes and goes', async (t) => {
  const server = await startServer(t, { protocolVersion: '1.1' });
  const [alice, carol] = [await WireClient.login(server, 'alice'), await WireClient.login(server, 'carol')];
  await alice.ask('/join #a');
  for (const client of [alice, carol]) client.forget();
  const bob = await WireClient.login(server, 'bob');
  bob.send('/quit');
  await bob.closed;
  await Promise.all([alice.settle(), carol.settle()]);
  assert.deepEqual(alice.received, []);
  assert.deepEqual(carol.received, ['*** bob joined the chat ***', '*** bob left the chat ***']);
});

for (const name of ['x', 'lobby', 'Server', '.', 'Al x', 'a_b-c.D 9', 'x'.repeat(32)]) {
  test(`The name ${JSON.stringify(name)} is accepted`, async (t) => {
    const server = await startServer(t);
    const client = await WireClient.open(server);
    client.send(`\u0085 ${name}\n`);
    assert.equal(await client.next(), `Welcome to the chat, ${name}!`);
  });
}

for (const name of ['', ' \n', 'x'.repeat(33), 'bad/name!', 'zoë', 'a\nb', '/quit', '\ufeffa']) {
  test(`The name ${JSON.stringify(name)} is refused without a word`, async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { log: book.log });
    const client = await WireClient.open(server);
    client.send(name);
    await client.closed;
    assert.deepEqual(client.received, ['Enter your username: ']);
    assert.equal((await book.nth('closed', 1)).reason, 'nameInvalid');
  });
}

test('Whoever asks for a taken name is told so and closed after half a second', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock });
  await WireClient.login(server, 'alice');
  const client = await WireClient.open(server);
  client.send('alice');
  assert.match(await client.next(), /^\*\*\* Username already taken\./);
  clock.advance(499);
  client.send('bob');
  await WireClient.login(server, 'other');
  assert.equal(client.socket.readableEnded, false);
  assert.deepEqual(server.users, ['alice', 'other']);
  clock.advance(1);
  await client.closed;
});

test('Names differ by their case', async (t) => {
  const server = await startServer(t);
  await WireClient.login(server, 'alice');
  await WireClient.login(server, 'Alice');
  assert.deepEqual(server.users, ['alice', 'Alice']);
});

test('Decoys before the name are ignored', async (t) => {
  const server = await startServer(t);
  const client = await WireClient.open(server);
  for (const bytes of [0, 100, 4096]) client.channel.sendDecoy(bytes);
  client.send('alice');
  assert.equal(await client.next(), 'Welcome to the chat, alice!');
});

test('What follows the name in the same write is handled after the login', async (t) => {
  const server = await startServer(t);
  const client = await WireClient.open(server);
  client.send('alice');
  client.send('/rooms');
  client.send('/msg alice hi');
  await client.until('*** alice joined the chat ***');
  assert.match(await client.next(), /^No active rooms/);
  assert.equal(await client.next(), '[DM from alice]: hi');
});

test('A name is free as soon as its user has quit', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await bob.ask('/join #a');
  bob.send('/quit');
  await alice.until('*** bob left the chat ***');
  await WireClient.login(server, 'bob');
  await bob.closed;
  assert.deepEqual(await alice.ask('/members #a'), ['*** bob joined the chat ***', 'Members of #a (0):\n  ']);
});

const WAYS_TO_GO = {
  'closes its side': (client: WireClient) => client.socket.end(),
  vanishes: (client: WireClient) => client.socket.destroy(),
  'resets the connection': (client: WireClient) => client.tcp.resetAndDestroy(),
};

for (const [way, go] of Object.entries(WAYS_TO_GO)) {
  test(`A user who ${way} has left, and their rooms hear of it`, async (t) => {
    const server = await startServer(t);
    const alice = await WireClient.login(server, 'alice');
    const bob = await WireClient.login(server, 'bob');
    for (const client of [alice, bob]) await client.ask('/join #a');
    await alice.settle();
    alice.forget();
    go(bob);
    await alice.until('*** bob left the chat ***');
    await alice.settle();
    assert.deepEqual(alice.received, ['*** bob left #a ***', '*** bob left the chat ***']);
    assert.deepEqual(server.users, ['alice']);
    await WireClient.login(server, 'bob');
  });
}

test('What a client said before it went is still heard', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  // In one record, so that the end comes while the password is hashed and the message waits.
  const packets = ['/join #vault secret', '/msg alice bye'].map((text) =>
    buildPacket({ key: bob.sessionKey(), type: 1, plaintext: Buffer.from(text), padding: Buffer.alloc(1) }),
  );
  bob.socket.end(Buffer.concat(packets));
  await alice.until('*** bob joined the chat ***');
  assert.equal(await alice.next(), '[DM from bob]: bye');
  assert.equal(await alice.next(), '*** bob left the chat ***');
});

test('A client that has closed its side still gets the answers', async (t) => {
  const server = await startServer(t);
  const bob = await WireClient.login(server, 'bob');
  bob.forget();
  // So that Node does not close our reading side with the writing side.
  bob.socket.allowHalfOpen = true;
  for (let index = 0; index < 500; index++) bob.send('/rooms');
  await bob.sendOut('/join #vault secret');
  bob.socket.end();
  await bob.closed;
  assert.equal(bob.received.length, 502);
  assert.equal(bob.received.at(-1), '*** bob joined #vault ***');
});

test('What was asked before /quit is answered, what comes after it is not handled', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  bob.forget();
  const questions = Array.from({ length: 500 }, () => '/rooms');
  for (const text of [...questions, '/quit', 'after', '/users']) bob.send(text);
  await bob.closed;
  assert.equal(bob.received.length, questions.length);
  for (const text of bob.received) assert.match(text, /^No active rooms/);
  await alice.until('*** bob joined the chat ***');
  assert.equal(await alice.next(), '*** bob left the chat ***');
  await alice.settle();
  assert.equal(alice.received.at(-1), '*** bob left the chat ***');
});

test('Whoever has not logged in hears nothing of the chat', async (t) => {
  const server = await startServer(t);
  const waiting = await WireClient.open(server);
  const alice = await WireClient.login(server, 'alice');
  await alice.ask('hello');
  waiting.send('bob');
  assert.equal(await waiting.next(), 'Welcome to the chat, bob!');
});

test('A handshake that takes too long is closed, wherever it stands', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, handshakeTimeout: 10, log: book.log });
  const tcp = connect(server.port, '127.0.0.1').resume();
  await book.nth('connected', 1);
  const dripping = connect(server.port, '127.0.0.1')
    .resume()
    .on('error', () => {});
  dripping.write(Buffer.of(0x16));
  await book.nth('connected', 2);
  const tls = (await connectTls(server.port)).socket.resume();
  const named = await WireClient.open(server);
  dripping.write(Buffer.of(0x03));
  const gone = [tcp, dripping, tls].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  clock.advance(9_999);
  assert.equal(book.of('closed').length, 0);
  clock.advance(1);
  await Promise.all(gone);
  await book.nth('closed', 3);
  assert.deepEqual(
    book
      .of('closed')
      .sort((a, b) => a.client - b.client)
      .map(({ client, reason, seconds }) => ({ client, reason, seconds })),
    [1, 2, 3].map((client) => ({ client, reason: 'handshakeTimeout', seconds: 10 })),
  );
  named.send('named');
  assert.equal(await named.next(), 'Welcome to the chat, named!');
});

test('Whoever takes too long to say a name is told so and closed', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, loginTimeout: 60, decoyTraffic: false, log: book.log });
  const user = await WireClient.login(server, 'user');
  const silent = await WireClient.open(server);
  clock.advance(59_999);
  const late = await WireClient.open(server);
  assert.equal(book.of('closed').length, 0);
  clock.advance(1);
  await silent.closed;
  assert.deepEqual(silent.received, [
    'Enter your username: ',
    '*** You took too long to log in. Please reconnect. ***',
  ]);
  assert.equal((await book.nth('closed', 1)).reason, 'loginTimeout');
  late.send('late');
  assert.equal(await late.next(), 'Welcome to the chat, late!');
  clock.advance(60_000);
  await Promise.all([late.settle(), user.settle()]);
});

test('A time limit for the login that is shorter than that for the handshake holds from the start', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, loginTimeout: 5, log: book.log });
  connect(server.port, '127.0.0.1').resume();
  await book.nth('connected', 1);
  clock.advance(5_000);
  assert.equal((await book.nth('closed', 1)).reason, 'loginTimeout');
});
