import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { QuietRoomConnector } from 'quietroom-connector';
import {
  Channel,
  deriveSessionKey,
  FRAGMENT_BYTES,
  generateDhKeyPair,
  Session,
  SocketTransport,
} from '@quietroom/protocol';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity, openPacket, readLike1x, ScriptedPeer } from '@quietroom/testing';
import { QUESTIONS } from '#src/connection/joinedWrites.js';
import { called, logIn } from '../fixtures.js';

const COUNT = 20_000;

/** Of all kinds of lengths: short lines, and some that fill several cells or whole ones. */
function burstText(index: number): string {
  return `${index} ${'x'.repeat(index % 50 === 0 ? index % 1500 : index % 60)}`;
}

const SENT = Array.from({ length: COUNT }, (_, index) => burstText(index));

/** With these a client finds out whether packets can share a write. */
const isQuestion = (text: string): boolean => QUESTIONS.some((question) => question === text);

/** The texts that a 1.x reader would take from these records, in a burst. */
function textsReadLike1x(records: readonly Buffer[], key: Buffer): string[] {
  return readLike1x(records).flatMap(({ data }) => openPacket(key, data)?.toString() ?? []);
}

for (const padding of ['uniform', 'random'] as const) {
  test(`${COUNT} direct messages in a burst through our server: none lost, order kept (${padding})`, async () => {
    await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, padding });
    const config = { serverHost: server.host, serverPort: server.port, cert: server.certPem, padding };
    await using alice = new QuietRoomConnector({ ...config, username: 'alice' });
    await using bob = new QuietRoomConnector({ ...config, username: 'bob' });
    await Promise.all([alice.connect(), bob.connect()]);
    const received: string[] = [];
    const done = called<void>();
    bob.onDm((_, message) => {
      received.push(message);
      if (received.length === COUNT) done.call();
    });
    for (const text of SENT) void alice.sendDm('bob', text);
    await done.promise;
    assert.deepEqual(
      received,
      SENT.map((text) => text.trimEnd()),
    );
  });

  test(`record by record, a 1.x reader takes all that the connector sends in a burst (${padding})`, async () => {
    const read = called<string[]>();
    await using peer = await ScriptedPeer.start(async (connection) => {
      await logIn(connection);
      connection.records.length = 0;
      connection.unheard.clear();
      for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
        // So that packets share writes.
        if (isQuestion(text)) {
          await connection.say(`Unknown command: ${text}. Type /help for available commands.`);
        }
      }
      read.call(textsReadLike1x(connection.records, Buffer.from(connection.sessionKeyHex, 'hex')));
      connection.end();
    });
    const connector = new QuietRoomConnector({
      ...peer.config,
      padding,
      decoyTraffic: false,
      maxInFlight: COUNT,
    });
    await connector.connect();
    for (const text of SENT) void connector.sendDm('bob', text);
    // `disconnect` waits for the queue only for a time.
    await connector.flush();
    await connector.disconnect();
    const texts = (await read.promise).filter((text) => !isQuestion(text));
    assert.deepEqual(texts, [...SENT.map((text) => `/msg bob ${text.trimEnd()}`), '/quit']);
  });

  test(`record by record, a 1.x reader takes all that our server sends in a burst (${padding})`, async () => {
    await using server = await QuietRoomServer.start({
      identity: firstIdentity,
      port: 0,
      padding,
      decoyTraffic: false,
    });
    const socket = connect({ host: server.host, port: server.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const records: Buffer[] = [];
    const transport = new SocketTransport(socket, FRAGMENT_BYTES[padding], (deliver) =>
      socket.on('data', (record: Buffer) => {
        records.push(record);
        deliver(record);
      }),
    );
    const dh = generateDhKeyPair();
    const pinnedKey = new X509Certificate(server.certPem).publicKey;
    const channel = new Channel(new Session({ role: 'client', pinnedKey, dh }), transport);
    const welcomed = called<void>();
    const done = called<void>();
    let received = 0;
    channel.start({
      event(event) {
        if (event.type !== 'text') return;
        if (event.text === 'Enter your username: ') channel.sendText('bob');
        if (event.text.startsWith('Type /help')) welcomed.call();
        if (event.text.startsWith('[DM from ') && ++received === COUNT) done.call();
      },
      closed() {},
    });
    await welcomed.promise;
    await using alice = new QuietRoomConnector({
      serverHost: server.host,
      serverPort: server.port,
      cert: server.certPem,
      username: 'alice',
    });
    await alice.connect();
    for (const text of SENT) void alice.sendDm('bob', text);
    await done.promise;
    channel.destroy();

    // The four parts of the server's offer come first, each in a record of its own.
    const [, serverPublicKey, , , ...packets] = records;
    assert.ok(serverPublicKey);
    const read = textsReadLike1x(packets, deriveSessionKey(dh, serverPublicKey));
    assert.deepEqual(
      read.filter((text) => text.startsWith('[DM from ')),
      SENT.map((text) => `[DM from alice]: ${text.trimEnd()}`),
    );
  });
}
