import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { PacketCipher } from '#src/packets/cipher.js';
import {
  FRAGMENT_BYTES,
  generateDhKeyPair,
  makeSignedOffer,
  ProtocolError,
  Session,
  deriveSessionKey,
  type DhKeyPair,
  type PaddingShape,
  type SessionEvent,
} from '@quietroom/protocol';
import { buildPacket, firstIdentity, lengthPrefix, recordsByNode } from '@quietroom/testing';
import fc from 'fast-check';

const certificateKey = createPrivateKey(firstIdentity.keyPem);
const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;

interface Pair {
  readonly client: Session;
  readonly server: Session;
  readonly clientDh: DhKeyPair;
  readonly key: Buffer;
}

async function openPair(padding?: PaddingShape): Promise<Pair> {
  const shape = padding && { padding };
  const clientDh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const client = new Session({ role: 'client', pinnedKey, dh: clientDh, ...shape });
  const server = new Session({ role: 'server', offer, ...shape });
  assert.deepEqual(carry(server, client), [{ type: 'open' }]);
  assert.deepEqual(carry(client, server), [{ type: 'open' }]);
  assert.ok(client.isOpen && server.isOpen);
  return { client, server, clientDh, key: deriveSessionKey(clientDh, offer.dh.publicKey) };
}

/** Everything that `from` wants to write, in records, into `to`. */
function carry(from: Session, to: Session, padding: PaddingShape = 'uniform'): SessionEvent[] {
  const writes: Uint8Array[] = [];
  for (let write = from.nextWrite(); write; write = from.nextWrite()) writes.push(write.bytes);
  return recordsByNode(writes, FRAGMENT_BYTES[padding]).flatMap((record) => to.receive(record));
}

const textsOf = (events: readonly SessionEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'text' ? [event.text] : []));

for (const padding of ['uniform', 'random'] as const) {
  test(`${padding}: packets arrive in both directions and in order`, async () => {
    const { client, server } = await openPair(padding);
    const texts = ['', 'zażółć', 'x'.repeat(512 - 31), 'line\nline', '🕊️'.repeat(500)];
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      for (const text of texts) {
        from.sendText(text);
        from.sendDecoy(200);
        from.sendFile(Buffer.from(text));
      }
      const expected: SessionEvent[] = texts.flatMap((text) => [
        { type: 'text', text, bytes: Buffer.from(text) },
        { type: 'file', bytes: Buffer.from(text) },
      ]);
      assert.deepEqual(carry(from, to, padding), expected);
      assert.equal(to.counters.packets, expected.length);
    }
  });
}

test('The key exchange works one byte at a time, in both roles', async () => {
  const server = new Session({ role: 'server', offer: await makeSignedOffer(certificateKey) });
  const client = new Session({ role: 'client', pinnedKey });
  for (const [from, to] of [
    [server, client],
    [client, server],
  ] as const) {
    const events: SessionEvent[] = [];
    for (let write = from.nextWrite(); write; write = from.nextWrite()) {
      for (const byte of write.bytes) events.push(...to.receive(Buffer.of(byte)));
    }
    assert.deepEqual(events, [{ type: 'open' }]);
  }
});

test('Packets in the same chunk as the end of the key exchange come out after the open event', async () => {
  const clientDh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const server = new Session({ role: 'server', offer });
  const key = deriveSessionKey(clientDh, offer.dh.publicKey);
  const packet = (text: string): Buffer =>
    buildPacket({ key, type: 1, plaintext: Buffer.from(text), padding: Buffer.alloc(9) });
  const chunk = Buffer.concat([
    lengthPrefix(clientDh.publicKey.length),
    clientDh.publicKey,
    packet('one'),
    packet('two'),
    packet('three').subarray(0, 20),
  ]);
  assert.deepEqual(
    server.receive(chunk).map((event) => event.type),
    ['open', 'text', 'text'],
  );
  assert.deepEqual(textsOf(server.receive(packet('three').subarray(20))), []);

  const other = new Session({ role: 'server', offer });
  assert.deepEqual(textsOf(other.receive(chunk)), ['one', 'two']);
});

test('The rest of a packet that began in the last chunk of the key exchange completes it', async () => {
  const clientDh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const server = new Session({ role: 'server', offer });
  const key = deriveSessionKey(clientDh, offer.dh.publicKey);
  const stream = Buffer.concat([
    lengthPrefix(clientDh.publicKey.length),
    clientDh.publicKey,
    buildPacket({ key, type: 1, plaintext: Buffer.from('in two'), padding: Buffer.alloc(9) }),
  ]);
  assert.deepEqual(server.receive(stream.subarray(0, -15)), [{ type: 'open' }]);
  assert.deepEqual(textsOf(server.receive(stream.subarray(-15))), ['in two']);
});

test('A chunk can be reused after the call that took it', async () => {
  const { client, server } = await openPair();
  const buffer = Buffer.alloc(65536);
  const received: SessionEvent[] = [];
  const text = 'y'.repeat(30_000);
  client.sendText(text);
  client.sendText('short');
  for (let write = client.nextWrite(); write; write = client.nextWrite()) {
    for (let at = 0; at < write.bytes.length; at += 512) {
      const record = buffer.subarray(0, 512);
      record.set(write.bytes.subarray(at, at + 512));
      received.push(...server.receive(record));
      buffer.fill(0xee);
    }
  }
  assert.deepEqual(textsOf(received), [text, 'short']);
});

test('Text that is not UTF-8 comes out with U+FFFD, with its bytes, and is counted; U+FFFD itself is not', async () => {
  const { client, key } = await openPair();
  const bytes = Buffer.from('ff41c3', 'hex');
  const receive = (plaintext: Buffer): SessionEvent[] =>
    client.receive(buildPacket({ key, type: 1, plaintext, padding: Buffer.alloc(3) }));
  assert.deepEqual(receive(bytes), [{ type: 'text', text: '\uFFFDA\uFFFD', bytes }]);
  assert.equal(client.counters.invalidUtf8, 1);
  const honest = Buffer.from('\uFFFD \0 \u001b[31m \uFEFF');
  assert.deepEqual(receive(honest), [{ type: 'text', text: honest.toString(), bytes: honest }]);
  assert.deepEqual(textsOf(receive(Buffer.from('\uFEFFx'))), ['\uFEFFx']);
  assert.equal(client.counters.invalidUtf8, 1);
});

test('Lone surrogates are sent as U+FFFD, as everywhere in JavaScript', async () => {
  const { client, server } = await openPair();
  client.sendText('a\ud800b');
  assert.deepEqual(textsOf(carry(client, server)), ['a\uFFFDb']);
});

test('Packets are numbered from 1, and what is queued is counted until it is given out', async () => {
  const { client } = await openPair();
  assert.equal(client.queuedBytes, 0);
  assert.deepEqual([client.sendText('a'), client.sendDecoy(5), client.sendFile(Buffer.of(1))], [1, 2, 3]);
  assert.equal(client.queuedBytes, 3 * 512);
  assert.equal(client.nextWrite()?.lastPacket, 3);
  assert.equal(client.queuedBytes, 0);
});

test('After close nothing goes in, out or into the queue, any number of times', async () => {
  const { client, server, key } = await openPair();
  client.sendText('never sent');
  client.close();
  client.close();
  assert.equal(client.isOpen, false);
  assert.equal(client.nextWrite(), undefined);
  assert.equal(client.queuedBytes, 0);
  assert.throws(() => client.sendText('x'), { name: 'ProtocolError', code: 'SESSION_NOT_OPEN' });
  assert.throws(() => client.sendFile(Buffer.of(1)), { code: 'SESSION_NOT_OPEN' });
  assert.throws(() => client.sendDecoy(1), { code: 'SESSION_NOT_OPEN' });
  assert.deepEqual(
    client.receive(buildPacket({ key, type: 1, plaintext: Buffer.from('x'), padding: Buffer.alloc(2) })),
    [],
  );
  assert.ok(server.isOpen);
});

test('A stream that costs too much fails the session, after the packets that came before', async () => {
  const { client, key } = await openPair();
  const packet = buildPacket({
    key,
    type: 1,
    plaintext: Buffer.from('last words'),
    padding: Buffer.alloc(9),
  });
  const headers = Buffer.alloc(200_000, Buffer.of(1, 0x1f, 0xff));
  const events = client.receive(Buffer.concat([packet, headers, packet]));
  assert.deepEqual(
    events.map((event) => event.type),
    ['text', 'failed'],
  );
  const failed = events[1];
  assert.ok(failed?.type === 'failed' && failed.error instanceof ProtocolError);
  assert.equal(failed.error.code, 'DECRYPTION_BUDGET');
  assert.equal(client.isOpen, false);
  assert.deepEqual(client.receive(packet), []);
});

test('A session, its events and its errors show nothing of the keys', async () => {
  const { client, server, clientDh, key } = await openPair();
  client.sendText('queued');
  const spent = client.receive(Buffer.alloc(2_000_000, Buffer.of(1, 0x1f, 0xff)));
  const secret = clientDh.computeSecret(clientDh.publicKey);
  const seen = [client, server, new Session({ role: 'client', pinnedKey }), ...spent]
    .map(
      (value) =>
        inspect(value, { depth: 10, showHidden: true, maxArrayLength: null }) + JSON.stringify(value),
    )
    .join('\n');
  for (const bytes of [key, secret]) {
    const hex = bytes.toString('hex');
    for (const form of [hex, hex.match(/../g)?.join(' '), bytes.toString('base64'), bytes.join(', ')]) {
      assert.ok(form !== undefined && !seen.includes(form));
    }
  }
  assert.equal(spent.at(-1)?.type, 'failed');
});

test('Receive never throws and ends with at most one failure, for any input', async () => {
  const offer = await makeSignedOffer(certificateKey);
  const { publicKey } = generateDhKeyPair();
  const plausible = fc.constantFrom(
    Buffer.of(0, 0, 1, 0),
    Buffer.of(0, 0, 0, 1),
    Buffer.of(0, 0, 0, 0),
    lengthPrefix(publicKey.length),
    Buffer.from(publicKey),
    Buffer.from(offer.dh.publicKey),
    lengthPrefix(offer.signature.length),
    Buffer.from(offer.signature),
    Buffer.of(1, 0, 28),
    Buffer.alloc(0),
  );
  const chunk = fc.oneof(plausible, fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.boolean(), fc.array(chunk, { maxLength: 12 }), (isClient, chunks) => {
      const session = isClient
        ? new Session({ role: 'client', pinnedKey })
        : new Session({ role: 'server', offer });
      const events = chunks.flatMap((bytes) => session.receive(bytes));
      const failures = events.filter((event) => event.type === 'failed');
      assert.ok(failures.length <= 1);
      if (failures.length === 1) assert.equal(events.at(-1)?.type, 'failed');
    }),
    { numRuns: 200 },
  );
});

test('An open session takes any bytes without a throw, and still opens the packet behind them', async () => {
  const { client, key } = await openPair();
  const packet = buildPacket({ key, type: 1, plaintext: Buffer.from('there'), padding: Buffer.alloc(7) });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (garbage) => {
      assert.deepEqual(client.receive(garbage), []);
      assert.deepEqual(textsOf(client.receive(packet)), ['there']);
    }),
    { numRuns: 100 },
  );
});

test('The nonces of the two roles differ in their first bit, whatever the randomness', async () => {
  const { client, server } = await openPair();
  for (const [session, bit] of [
    [client, 0],
    [server, 0x80],
  ] as const) {
    session.sendText('x');
    assert.equal((session.nextWrite()?.bytes[3] ?? -1) & 0x80, bit);
  }
  const offer = await makeSignedOffer(certificateKey);
  const constant = { random: (size: number) => Buffer.alloc(size) };
  const greeter = new Session({ role: 'server', offer, ...constant });
  const guest = new Session({ role: 'client', pinnedKey, ...constant });
  carry(greeter, guest);
  carry(guest, greeter);
  const nonces = [greeter, guest].map((session) => {
    session.sendText('x');
    return Buffer.from(session.nextWrite()?.bytes.subarray(3, 15) ?? []).toString('hex');
  });
  assert.deepEqual(nonces, ['8'.padEnd(24, '0'), ''.padEnd(24, '0')]);
});

test('A session that ends, by itself or by its owner, drops its key', async (context) => {
  const close = context.mock.method(PacketCipher.prototype, 'close');
  const { client, server } = await openPair();
  assert.equal(close.mock.callCount(), 0);
  client.close();
  assert.equal(close.mock.callCount(), 1);
  server.receive(Buffer.alloc(2_000_000, Buffer.of(1, 0x1f, 0xff)));
  assert.equal(close.mock.callCount(), 2);
});

test('Replayed with the same randomness, a session writes the same bytes', async () => {
  const dh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const greeting = Buffer.concat([
    lengthPrefix(offer.dh.publicKey.length),
    offer.dh.publicKey,
    lengthPrefix(offer.signature.length),
    offer.signature,
  ]);
  const prefix = randomBytes(7);
  const run = (): Buffer => {
    const session = new Session({
      role: 'client',
      pinnedKey,
      dh,
      padding: 'random',
      random: () => prefix,
      pickInteger: (low) => low + 3,
    });
    session.receive(greeting);
    session.sendText('one');
    session.sendFile(Buffer.alloc(16384 - 31));
    const writes: Uint8Array[] = [];
    for (let write = session.nextWrite(); write; write = session.nextWrite()) writes.push(write.bytes);
    return Buffer.concat(writes);
  };
  assert.deepEqual(run(), run());
});
