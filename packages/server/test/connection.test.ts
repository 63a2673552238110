import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { Chat } from '#src/chat.js';
import { Connection } from '#src/connection.js';
import { resolveOptions } from '#src/options.js';
import { Peer } from '#src/peer.js';
import { LogBook } from './startServer.js';

class FakeSocket extends EventEmitter {
  allowHalfOpen = false;

  setNoDelay(): void {}

  setMaxSendFragment(): boolean {
    return true;
  }

  destroy(): void {
    process.nextTick(() => this.emit('close'));
  }
}

test('A connection whose key exchange cannot be signed is closed and says why', async () => {
  const book = new LogBook();
  const clock = new FakeClock();
  const options = resolveOptions({ log: book.log, clock });
  const socket = new FakeSocket();
  const peer = new Peer(1, socket, options);
  const chat = new Chat({ generation: '1.2', date: () => new Date(), onTooLong: () => {} });
  // The options would refuse it: a public key signs nothing.
  const certificateKey = createPublicKey(firstIdentity.certPem);
  const connection = new Connection(socket as unknown as TLSSocket, peer, { chat, certificateKey, options });
  await connection.open();
  await connection.closed;
  assert.equal((await book.nth('closed', 1)).reason, 'internalError');
  assert.equal(clock.pending, 0);
});
