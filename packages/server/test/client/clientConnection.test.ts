import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { SocketTransport } from '@quietroom/protocol';
import { TickWheel } from '@quietroom/protocol/internals';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { Moderation } from '#src/admin/moderation.js';
import { ConnectionLimiter } from '#src/limits/connectionLimiter.js';
import { Chat } from '#src/chat/chat.js';
import { ClientTransport } from '#src/client/clientTransport.js';
import { ClientConnection } from '#src/client/clientConnection.js';
import { Counters } from '#src/observe/counters.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { resolveOptions } from '#src/options/options.js';
import { ClientSocket } from '#src/network/clientSocket.js';
import { Rejections } from '#src/observe/rejections.js';
import { ServerEvents } from '#src/observe/events.js';
import { Congestion } from '#src/turns/congestion.js';
import { MemoryBudget } from '#src/turns/memoryBudget.js';
import { TurnScheduler } from '#src/turns/turnScheduler.js';
import { LogBook } from '../startServer.js';

class FakeSocket extends EventEmitter {
  allowHalfOpen = false;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;

  write(): boolean {
    return true;
  }

  setMaxSendFragment(): boolean {
    return true;
  }

  destroy(): void {
    process.nextTick(() => this.emit('close'));
  }

  resetAndDestroy(): void {
    this.destroy();
  }
}

const date = (): Date => new Date();

/** A connection on a fake socket, whose key exchange is signed with this key. */
function makeConnection(certificateKey: KeyObject) {
  const book = new LogBook();
  const clock = new FakeClock();
  const { log } = book;
  const options = new CurrentOptions(resolveOptions({}));
  const counters = new Counters();
  const rejections = new Rejections(log);
  const socket = new FakeSocket();
  const lease = new ConnectionLimiter(options).enter('127.0.0.1');
  assert.ok(typeof lease === 'object');
  const clientSocket = new ClientSocket(1, '127.0.0.1', socket, lease, {
    options,
    counters,
    clock,
    log,
    penalties: { charge: () => {} },
  });
  const events = new ServerEvents(log);
  const moderation = new Moderation(clock, date);
  const chat = new Chat({
    protocolVersion: '1.2',
    clock,
    date,
    options,
    log,
    counters,
    rejections,
    events,
    moderation,
  });
  const tlsSocket = socket as unknown as TLSSocket;
  const connection = new ClientConnection(
    tlsSocket,
    new ClientTransport(new SocketTransport(tlsSocket, 512)),
    clientSocket,
    {
      chat,
      certificateKey,
      options,
      rejections,
      counters,
      wheel: () => new TickWheel(clock, 1000),
      clock,
      date,
      moderation,
      scheduler: new TurnScheduler(),
      memory: new MemoryBudget(() => 1e9),
      congestion: new Congestion(),
    },
  );
  return { connection, book, clock, socket };
}

test('A connection whose key exchange cannot be signed is closed and says why', async () => {
  // The options would refuse it: a public key signs nothing.
  const { connection, book, clock } = makeConnection(createPublicKey(firstIdentity.certPem));
  await connection.open();
  await connection.closed;
  assert.equal((await book.nth('closed', 1)).reason, 'internalError');
  assert.equal(clock.pending, 0);
});

test('A socket that throws costs its connection and nothing else', async () => {
  const { connection, book, socket } = makeConnection(createPrivateKey(firstIdentity.keyPem));
  socket.write = () => {
    throw new Error('from the socket');
  };
  await connection.open();
  await connection.closed;
  const entry = await book.nth('closed', 1);
  assert.equal(entry.reason, 'internalError');
  assert.match(String(entry.error), /from the socket/);
});
