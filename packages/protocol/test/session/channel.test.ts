import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  Channel,
  deriveSessionKey,
  FRAGMENT_BYTES,
  generateDhKeyPair,
  makeSignedOffer,
  Session,
  type Defer,
  type SessionEvent,
  type Transport,
  type TransportEvents,
} from '@quietroom/protocol';
import {
  buildPacket,
  firstIdentity,
  lengthPrefix,
  openPacket,
  readLike1x,
  recordsByNode,
} from '@quietroom/testing';

const certificateKey = createPrivateKey(firstIdentity.keyPem);
const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;

/** A transport in the hands of the test: it takes writes, brings records and closes when told to. */
class ManualTransport implements Transport {
  readonly written: Uint8Array[] = [];
  readonly #taken: ((error?: Error | null) => void)[] = [];
  events: TransportEvents | undefined;
  closesAtOnce = true;
  takesAtOnce = false;
  isPaused = false;
  ended = 0;
  destroyed = 0;

  start(events: TransportEvents): void {
    this.events = events;
  }

  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void {
    assert.equal(this.#taken.length, 0, 'one write at a time');
    this.written.push(Buffer.from(bytes));
    if (this.takesAtOnce) taken();
    else this.#taken.push(taken);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.ended++;
  }

  /** Closes in the same call, as the worst of transports may, or when the test says so. */
  destroy(): void {
    if (this.destroyed++ === 0 && this.closesAtOnce) this.events?.closed();
  }

  /** Takes the write that waits, as long as there is one. */
  take(times = Infinity, error?: Error): void {
    for (let count = 0; count < times && this.#taken.length > 0; count++) this.#taken.shift()?.(error);
  }
}

/** A client's channel on a manual transport, after the key exchange, and the log of what it says. */
async function openChannel(onEvent: (event: SessionEvent) => void = () => {}, defer?: Defer) {
  const dh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const key = deriveSessionKey(dh, offer.dh.publicKey);
  const transport = new ManualTransport();
  const channel = new Channel(new Session({ role: 'client', pinnedKey, dh }), transport, defer);
  const log: string[] = [];
  let writes = 0;
  channel.start({
    written: () => void writes++,
    event: (event) => {
      log.push(event.type === 'text' ? event.text : event.type);
      onEvent(event);
    },
    closed: (error) => log.push(error ? `closed: ${error.message}` : 'closed'),
  });
  const parts = [offer.dh.publicKey, offer.signature].map((part) =>
    Buffer.concat([lengthPrefix(part.length), part]),
  );
  transport.events?.record(Buffer.concat(parts));
  transport.take();
  assert.deepEqual(log.splice(0), ['open']);
  assert.equal(transport.written.length, 1);
  transport.written.length = 0;

  const packet = (text: string): Buffer =>
    buildPacket({ key, type: 1, plaintext: Buffer.from(text), padding: Buffer.alloc(4) });
  const sentTexts = (): string[] =>
    readLike1x(recordsByNode(transport.written, FRAGMENT_BYTES.uniform)).flatMap(
      ({ data }) => openPacket(key, data)?.toString() ?? [],
    );
  return { channel, transport, key, log, packet, sentTexts, written: () => writes };
}

test('A client channel answers the greeting with its key, and a server channel greets by itself', async () => {
  const transport = new ManualTransport();
  const session = new Session({ role: 'server', offer: await makeSignedOffer(certificateKey) });
  const channel = new Channel(session, transport);
  channel.start({ event: () => {}, closed: () => {} });
  assert.equal(transport.written.length, 1);
  transport.take();
  assert.equal(transport.written.length, 4);
});

test('Events come out in order, and waiting packets are sent as soon as the previous one is accepted', async () => {
  const { channel, transport, log, packet, sentTexts } = await openChannel();
  transport.events?.record(Buffer.concat([packet('a'), packet('b')]));
  transport.events?.record(packet('c'));
  assert.deepEqual(log, ['a', 'b', 'c']);

  channel.sendText('one');
  channel.sendText('two');
  channel.sendDecoy(100);
  channel.sendText('three');
  assert.equal(transport.written.length, 1, 'the first write was not taken yet');
  assert.equal(channel.queuedBytes, 3 * 512);
  transport.take();
  assert.equal(channel.queuedBytes, 0);
  assert.equal(transport.written.length, 2, 'what waited is joined');
  assert.deepEqual(sentTexts(), ['one', 'two', 'three']);
});

test('Each packet is reported once, in order, when TLS has taken its last byte', async () => {
  const { channel, transport } = await openChannel();
  const taken: string[] = [];
  const note = (name: string) => (error?: Error) => void taken.push(error ? `${name} failed` : name);
  channel.sendText('1', note('first'));
  channel.sendText('x'.repeat(1024 - 31), note('in two writes'));
  channel.sendText('3', note('third'));
  channel.sendText('4');
  channel.sendText('5', note('fifth'));
  assert.deepEqual(taken, []);
  transport.take(1);
  assert.deepEqual(taken, ['first']);
  transport.take(1);
  assert.deepEqual(taken, ['first'], 'its short first part alone does not count');
  transport.take();
  assert.deepEqual(taken, ['first', 'in two writes', 'third', 'fifth']);
});

test('When the connection closes, unaccepted packets are settled before the channel is closed', async () => {
  const { channel, transport, log } = await openChannel();
  const settle = (error?: Error & { code?: string }): number =>
    log.push(error ? (error.code ?? '?') : 'taken');
  channel.sendText('taken', settle);
  transport.take(1);
  channel.sendText('in flight', settle);
  channel.sendText('queued', settle);
  transport.events?.closed();
  assert.deepEqual(log, ['taken', 'TRANSPORT_CLOSED', 'TRANSPORT_CLOSED', 'closed']);
  assert.throws(() => channel.sendText('late'), { code: 'SESSION_NOT_OPEN' });
  transport.take();
  assert.equal(log.length, 4, 'nothing is settled twice');
});

test('Unsent packets and the owner get the error of the connection', async () => {
  const { channel, transport, log } = await openChannel();
  channel.sendText('lost', (error) => log.push(`lost: ${error?.message}`));
  transport.events?.closed(new Error('reset'));
  assert.deepEqual(log, ['lost: reset', 'closed: reset']);
});

test('A write that fails closes the transport and settles its packets with an error', async () => {
  const { channel, transport, log } = await openChannel();
  channel.sendText('lost', (error) => log.push(error ? 'lost' : 'taken'));
  channel.sendText('never written', (error) => log.push(error ? 'never' : 'taken'));
  transport.take(1, new Error('EPIPE'));
  assert.ok(transport.destroyed > 0);
  assert.equal(transport.written.length, 1);
  assert.deepEqual(log.slice(0, 2), ['lost', 'never']);
});

test('After destroy nothing but the end comes out, even from inside an event', async () => {
  const { channel, transport, log, packet } = await openChannel((event) => {
    if (event.type === 'text' && event.text === 'stop') channel.destroy();
  });
  transport.events?.record(Buffer.concat([packet('go'), packet('stop'), packet('after'), packet('that')]));
  transport.events?.record(packet('later'));
  assert.deepEqual(log, ['go', 'stop', 'closed']);
  assert.throws(() => channel.sendText('x'), { code: 'SESSION_NOT_OPEN' });
});

test('After destroy nothing comes out while the transport takes its time to close', async () => {
  const { channel, transport, log, packet } = await openChannel((event) => {
    if (event.type === 'text' && event.text === 'stop') channel.destroy();
  });
  transport.closesAtOnce = false;
  transport.events?.record(Buffer.concat([packet('stop'), packet('after')]));
  transport.events?.record(packet('later'));
  assert.deepEqual(log, ['stop']);
  transport.events?.closed();
  assert.deepEqual(log, ['stop', 'closed']);
});

test('A failed session is reported, and sends nothing more', async () => {
  const { channel, transport, log } = await openChannel();
  transport.events?.record(Buffer.alloc(2_000_000, Buffer.of(1, 0x1f, 0xff)));
  assert.deepEqual(log, ['failed']);
  assert.throws(() => channel.sendText('x'), { code: 'SESSION_NOT_OPEN' });
  assert.deepEqual(transport.written, []);
});

test('A channel can write later, and then joins everything that is queued, answers included', async () => {
  let isLater = false;
  const waiting: (() => number)[] = [];
  const opened = await openChannel(
    (event) => {
      if (event.type === 'text') opened.channel.sendText(`answer to ${event.text}`);
    },
    (write) => (isLater ? waiting.push(write) : write()),
  );
  const { channel, transport, packet, sentTexts } = opened;
  isLater = true;
  channel.sendText('one');
  transport.events?.record(packet('a'));
  channel.sendText('two');
  assert.equal(transport.written.length, 0);
  assert.equal(waiting.length, 1);
  waiting.shift()?.();
  assert.equal(transport.written.length, 1);
  assert.deepEqual(sentTexts(), ['one', 'answer to a', 'two']);
  channel.sendText('three');
  assert.equal(waiting.length, 0, 'one write after the other');
  transport.take();
  assert.equal(waiting.length, 1);
});

test('Discarded packets are settled, and later ones are sent', async () => {
  const { channel, transport, sentTexts } = await openChannel();
  const log: string[] = [];
  const settle = (name: string) => (error?: Error & { code?: string }) =>
    void log.push(`${name} ${error?.code ?? 'taken'}`);
  channel.sendText('in flight', settle('in flight'));
  channel.sendText('waiting', settle('waiting'));
  channel.discardQueued();
  channel.sendText('last', settle('last'));
  transport.take();
  assert.deepEqual(log, ['waiting TRANSPORT_CLOSED', 'in flight taken', 'last taken']);
  assert.deepEqual(sentTexts(), ['in flight', 'last']);
});

test('End waits until all packets are accepted, and the owner gets each write', async () => {
  const { channel, transport, written } = await openChannel();
  channel.sendText('one');
  channel.sendText('two');
  channel.end();
  transport.take(1);
  assert.deepEqual([transport.ended, written()], [0, 2]);
  transport.take(1);
  assert.deepEqual([transport.ended, written()], [1, 3]);
});

test('End goes to the transport, and destroy may be called any number of times', async () => {
  const { channel, transport, log } = await openChannel();
  channel.end();
  assert.equal(transport.ended, 1);
  channel.destroy();
  channel.destroy();
  assert.deepEqual(log, ['closed']);
});

test('A send that throws is not settled, too', async () => {
  const { channel, transport, log } = await openChannel();
  assert.throws(() => channel.sendText('x'.repeat(40_000), () => log.push('settled')), {
    code: 'PACKET_TOO_LARGE',
  });
  channel.sendText('next', () => log.push('next'));
  transport.take();
  assert.deepEqual(log, ['next']);
});

test('Files and texts go out in the order of sending, each reported when it is taken', async () => {
  const { channel, transport, key } = await openChannel();
  transport.written.length = 0;
  const taken: string[] = [];
  channel.sendText('first', () => taken.push('first'));
  channel.sendFile(Buffer.from('FILE_START|a|5'), () => taken.push('start'));
  channel.sendText('second', () => taken.push('second'));
  transport.take();
  assert.deepEqual(taken, ['first', 'start', 'second']);
  const packets = readLike1x(transport.written.flatMap((bytes) => recordsByNode([bytes], 512)));
  assert.deepEqual(
    packets.map(({ type, data }) => [type, openPacket(key, data)?.toString()]),
    [
      [1, 'first'],
      [3, 'FILE_START|a|5'],
      [1, 'second'],
    ],
  );
});

test('Reading is paused and resumed at the transport', async () => {
  const { channel, transport } = await openChannel();
  channel.pauseReading();
  assert.equal(transport.isPaused, true);
  channel.resumeReading();
  assert.equal(transport.isPaused, false);
});

test('A transport that accepts at once can be given any number of writes', async () => {
  const { channel, transport, written } = await openChannel();
  channel.sendText('in flight');
  // Each has a head in a write of its own, so that none are joined.
  for (let count = 0; count < 20_000; count++) channel.sendText('x'.repeat(512 - 31));
  transport.takesAtOnce = true;
  transport.take();
  assert.equal(written(), 1 + 1 + 2 * 20_000);
});

test('After a write has failed, nothing more is written', async () => {
  const { channel, transport } = await openChannel();
  transport.closesAtOnce = false;
  channel.sendText('one');
  channel.sendText('two');
  transport.take(1, new Error('gone'));
  assert.equal(transport.written.length, 1);
  assert.equal(transport.destroyed, 1);
});

test('After a hand-over within a record, the next owner gets the rest', async () => {
  const rest: string[] = [];
  const opened = await openChannel((event) => {
    if (event.type !== 'text') return;
    opened.channel.handOver({
      event: (next) => rest.push(next.type === 'text' ? next.text : next.type),
      written: (lastPacket, bytes) => rest.push(`${lastPacket}: ${bytes} bytes`),
      closed: () => rest.push('closed'),
    });
  });
  const { channel, transport, packet, log } = opened;
  transport.events?.record(Buffer.concat([packet('a'), packet('b')]));
  assert.equal(channel.sendText('one'), 1);
  transport.take();
  channel.destroy();
  assert.deepEqual([log, rest], [['a'], ['b', '1: 512 bytes', 'closed']]);
});

test('A channel reports the bytes that wait for TLS, and those that TLS holds', async () => {
  const { channel, transport, packet } = await openChannel();
  channel.sendText('one');
  channel.sendText('two');
  channel.sendText('three');
  assert.deepEqual([channel.queuedPackets, channel.queuedBytes, channel.writingBytes], [2, 1024, 512]);
  transport.take(1);
  assert.deepEqual([channel.queuedPackets, channel.queuedBytes, channel.writingBytes], [0, 0, 1024]);
  transport.take();
  assert.equal(channel.writingBytes, 0);

  transport.events?.record(packet('a'));
  assert.deepEqual([channel.decoded?.packets, channel.decoded?.failedTags], [1, 0]);
  const forged = packet('b');
  forged.writeUInt8(forged.readUInt8(20) ^ 1, 20);
  transport.events?.record(forged);
  assert.deepEqual([channel.decoded?.failedTags, channel.decoded?.failedBytes], [1, 3 + 28 + 1]);
});

test('Packets share writes only on request, but joined texts always do', async () => {
  const offer = await makeSignedOffer(certificateKey);
  const dh = generateDhKeyPair();
  const transport = new ManualTransport();
  const session = new Session({ role: 'client', pinnedKey, dh, joinsPackets: false });
  assert.equal(session.joinsPackets, false);
  assert.equal(session.hasWrites, false);
  assert.equal(session.decoded, undefined);
  const channel = new Channel(session, transport);
  channel.start({ event: () => {}, closed: () => {} });
  const parts = [offer.dh.publicKey, offer.signature].map((part) =>
    Buffer.concat([lengthPrefix(part.length), part]),
  );
  transport.events?.record(Buffer.concat(parts));
  transport.take();
  transport.written.length = 0;
  const sizes = (): number[] => {
    transport.take();
    return transport.written.splice(0).map(({ length }) => length);
  };
  for (const text of ['1', '2', '3']) channel.sendText(text);
  assert.equal(session.hasWrites, true);
  assert.deepEqual(sizes(), [512, 512, 512]);
  channel.sendText('before');
  channel.sendJoined(['a', 'b']);
  assert.deepEqual(sizes(), [512, 1024]);
  channel.sendText('in flight');
  channel.joinPackets();
  for (const text of ['1', '2', '3']) channel.sendText(text);
  assert.deepEqual(sizes(), [512, 1536]);
  channel.destroy();
  assert.equal(session.hasWrites, false);
});

test('Reading can be paused and resumed', async () => {
  const { channel, transport } = await openChannel();
  channel.pauseReading();
  assert.equal(transport.isPaused, true);
  channel.resumeReading();
  assert.equal(transport.isPaused, false);
});
