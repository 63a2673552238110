import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls12 } from 'node:tls';
import { buildPacket } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { connectTls, WireClient } from '../wireClient.js';

test('Garbage in place of TLS is refused and disturbs nobody', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const alice = await WireClient.login(server, 'alice');
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), randomBytes(20_000), Buffer.alloc(5, 0x16)]) {
    const socket = connectTcp(server.port, '127.0.0.1').on('error', () => {});
    socket.resume().end(bytes);
    await once(socket, 'close');
  }
  await book.nth('closed', 3);
  assert.deepEqual(
    book.of('closed').map(({ reason }) => reason),
    ['tlsFailed', 'tlsFailed', 'tlsFailed'],
  );
  assert.equal((await alice.ask('/rooms')).length, 1);
});

test('TLS 1.2 is refused', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const socket = connectTls12({
    port: server.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  const entry = await book.nth('closed', 1);
  assert.deepEqual([entry.reason, entry.code], ['tlsFailed', 'ERR_SSL_UNSUPPORTED_PROTOCOL']);
});

test('A client can vanish at any moment of the TLS handshake', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  for (let round = 0; round < 20; round++) {
    const socket = connectTcp(server.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    if (round % 2) socket.resetAndDestroy();
    else socket.destroy();
  }
  await book.nth('closed', 20);
  assert.equal((await WireClient.login(server, 'alice')).received.length, 4);
});

test('Of hundreds that connect and vanish nothing is left, and honest clients are served meanwhile', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, {
    log: book.log,
    maxConnectionsPerAddress: 1000,
    logEntriesPerMinute: 1000,
  });
  const alice = await WireClient.login(server, 'alice');
  for (let round = 0; round < 300; round++) {
    const socket = connectTcp(server.port, '127.0.0.1').on('error', () => {});
    if (round % 3 === 0) socket.write(Buffer.from([0x16, 3, 1]));
    await once(socket, 'connect');
    if (round % 2) socket.resetAndDestroy();
    else socket.destroy();
    if (round % 50 === 0) assert.equal((await alice.ask('/rooms')).length, 1);
  }
  await book.nth('closed', 300);
  const { connections } = server.stats();
  assert.deepEqual([connections.open, connections.unfinished, connections.accepted], [1, 0, 301]);
});

for (const [what, bytes, code] of [
  ['A length over 4096', Buffer.from('00001001', 'hex'), 'KEY_EXCHANGE_LENGTH'],
  ['A length of 0', Buffer.from('00000000', 'hex'), 'KEY_EXCHANGE_LENGTH'],
  ['The public key 1', Buffer.from('0000000101', 'hex'), 'DH_KEY_INVALID'],
  [
    'A public key above P',
    Buffer.concat([Buffer.from('00000100', 'hex'), Buffer.alloc(256, 255)]),
    'DH_KEY_INVALID',
  ],
] as const) {
  test(`${what} in the key exchange is refused by closing`, async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { log: book.log });
    const { socket } = await connectTls(server.port);
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
    const entry = await book.nth('closed', 1);
    assert.deepEqual([entry.reason, entry.code], ['protocolError', code]);
  });
}

test('A client can vanish at any moment of the key exchange', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  for (let round = 0; round < 20; round++) {
    const { socket, tcp } = await connectTls(server.port);
    if (round % 4 > 1) await once(socket.resume(), 'data');
    if (round % 2) tcp.resetAndDestroy();
    else socket.destroy();
  }
  await book.nth('closed', 20);
  assert.equal((await WireClient.login(server, 'alice')).received.length, 4);
});

test('Garbage, oversized packets and wrong tags between packets are skipped', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const key = alice.sessionKey();
  const text = (plaintext: string) => ({ key, type: 1, plaintext: Buffer.from(plaintext) });
  const wrongTag = buildPacket(text('/msg alice forged'));
  wrongTag.writeUInt8(wrongTag.readUInt8(wrongTag.length - 1) ^ 1, wrongTag.length - 1);
  const oversized = Buffer.concat([Buffer.from([1, 0xff, 0xff]), Buffer.alloc(0xffff)]);
  const unwanted = [randomBytes(3000), wrongTag, oversized, Buffer.of(1), Buffer.from([2, 0xff, 0xff])];
  alice.forget();
  for (const [index, bytes] of unwanted.entries()) {
    alice.socket.write(bytes);
    alice.socket.write(buildPacket({ ...text(`/msg alice ${index}`), padding: Buffer.alloc(1) }));
    assert.equal(await alice.next(), `[DM from alice]: ${index}`);
    assert.equal(await alice.next(), `[DM to alice]: ${index}`);
  }
});

for (const [what, bytes] of [
  ['that does not decrypt', Buffer.concat([Buffer.from([1, 0, 40]), Buffer.alloc(60)])],
  ['of unknown type that does not decrypt', Buffer.concat([Buffer.from([9, 0, 40]), Buffer.alloc(60)])],
  ['that is too short to be one', Buffer.from([1, 0, 1, 0, 0, 0])],
  ['that is too large', Buffer.from([1, 0x80, 0x01, 0, 0])],
] as const) {
  test(`A first packet ${what} closes the connection`, async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { log: book.log });
    const client = await WireClient.open(server);
    client.socket.write(bytes);
    await client.closed;
    const closed = await book.nth('closed', 1);
    assert.deepEqual([closed.reason, closed.code], ['protocolError', 'FIRST_PACKET_INVALID']);
  });
}

test('Packets of other types are ignored, before the login and after it', async (t) => {
  const server = await startServer(t);
  const client = await WireClient.open(server);
  const file = buildPacket({ key: client.sessionKey(), type: 3, plaintext: Buffer.from('FILE_END') });
  client.socket.write(file);
  client.send('alice');
  assert.equal(await client.next(), 'Welcome to the chat, alice!');
  client.socket.write(file);
  client.socket.write(Buffer.from([9, 0, 1, 0]));
  await client.settle();
});

test('A flood of crafted headers ends the connection of who sent it, and what came with it is harmless', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const alice = await WireClient.login(server, 'alice');
  const mallory = await WireClient.login(server, 'mallory');
  const key = mallory.sessionKey();
  const headers = Buffer.alloc(450);
  for (let at = 0; at < headers.length; at += 3) headers.writeUIntBE(0x01_00_40, at, 3);
  const request = buildPacket({ key, type: 1, plaintext: Buffer.from('/rooms') });
  // One record each, so that the record with which the session fails holds a request as well.
  for (let round = 0; round < 20; round++) {
    await new Promise((resolve) => mallory.socket.write(Buffer.concat([request, headers]), resolve));
  }
  await alice.until('*** mallory left the chat ***');
  const entry = await book.nth('closed', 1);
  assert.deepEqual([entry.reason, entry.code], ['protocolError', 'DECRYPTION_BUDGET']);
  assert.equal((await alice.ask('/rooms')).length, 1);
});

test('A client that does not read is closed when its queue is full, and the others are served', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log, maxQueuedBytes: 1_048_576, messageBurst: 100_000 });
  const [alice, bob] = [await WireClient.login(server, 'alice'), await WireClient.login(server, 'bob')];
  const slow = await WireClient.login(server, 'slow');
  slow.socket.pause();
  let asked = 0;
  while (server.users.includes('slow')) {
    await alice.ask(`/msg slow ${'x'.repeat(4000)}`);
    asked++;
    assert.ok(asked < 10_000, 'the slow reader is still there');
  }
  slow.socket.destroy();
  const entry = await book.nth('closed', 1);
  assert.deepEqual([entry.name, entry.reason], ['slow', 'queueFull']);
  assert.deepEqual((await alice.ask('/msg slow hi')).slice(-1), ["User 'slow' is not online."]);
  await alice.ask('/msg bob hi');
  await bob.until('[DM from alice]: hi');
});

test('A log hook that throws harms nothing', async (t) => {
  let calls = 0;
  const server = await startServer(t, {
    log: () => {
      calls++;
      throw new Error('from the hook');
    },
  });
  await WireClient.login(server, 'alice');
  assert.equal(calls, 3);
});

test('A wall clock that throws ends the connection that needed it and no other', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, {
    log: book.log,
    date: () => {
      throw new Error('no time');
    },
  });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  bob.send('hello');
  await alice.until('*** bob left the chat ***');
  const entry = await book.nth('closed', 1);
  assert.equal(entry.reason, 'internalError');
  assert.match(String(entry.error), /no time/);
  await alice.settle();
});

test('A wall clock that throws while a ban is checked refuses the connection, and the server goes on', async (t) => {
  const book = new LogBook();
  let isBroken = false;
  const date = (): Date => {
    if (isBroken) throw new Error('no time');
    return new Date();
  };
  const server = await startServer(t, { log: book.log, date });
  const alice = await WireClient.login(server, 'alice');
  server.admin.ban('192.0.2.1', { seconds: 3600 });
  isBroken = true;
  await assert.rejects(connectTls(server.port));
  isBroken = false;
  await book.nth('acceptFailed', 1);
  await alice.settle();
  await WireClient.login(server, 'bob');
});

test('The log holds nothing that users write', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log });
  const alice = await WireClient.login(server, 'alice');
  const secret = 'marzipan';
  for (const text of [secret, `/join #${secret} ${secret}`, `/msg alice ${secret}`, `/${secret}`])
    await alice.ask(text);
  await alice.ask(secret.repeat(4092));
  const refused = await WireClient.open(server);
  refused.send(`!${secret}`);
  await refused.closed;
  await book.nth('closed', 1);
  await server.close();
  assert.equal(book.of('refused').at(-1)?.reason, 'messageBytes');
  assert.equal(JSON.stringify(book.entries).includes(secret), false);
});

test('Connections are told apart by their sockets, not by the address and port of the client', async (t) => {
  const server = await startServer(t, { host: '0.0.0.0' });
  const connectFrom = async (host: string, localPort: number) => {
    const tcp = connectTcp({ port: server.port, host, localAddress: '127.0.0.1', localPort });
    const socket = connectTls12({ socket: tcp, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    await once(socket, 'secureConnect');
    return { socket, tcp };
  };
  const login = async (host: string, port: number, name: string): Promise<WireClient> => {
    const client = WireClient.over(await connectFrom(host, port), server);
    assert.equal(await client.next(), 'Enter your username: ');
    client.send(name);
    await client.until(`*** ${name} joined the chat ***`);
    return client;
  };
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  // A server that listens on TCP has no other kind of address.
  const { port: localPort } = free.address() as AddressInfo;
  free.close();
  // The same address and port of the client, at two addresses of the server.
  const alice = await login('127.0.0.2', localPort, 'alice');
  const bob = await login('127.0.0.3', localPort, 'bob');
  assert.equal(server.stats().connections.open, 2);
  bob.tcp.resetAndDestroy();
  await alice.until('*** bob left the chat ***');
  assert.equal(server.stats().connections.open, 1);
  assert.ok(server.stats().bytes.in > alice.tcp.bytesWritten - 1, 'alice is still counted');
});
