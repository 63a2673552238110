import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  deriveSessionKey,
  formatServerMessage,
  PacketDecoder,
  parseServerMessage,
  Session,
  type ServerMessage,
  type SessionEvent,
} from '@quietroom/protocol';
import {
  dhKeyPairFrom,
  loadRecording,
  openPacket,
  RECORDINGS,
  recordsOf,
  type ExpectedPacket,
  type Recording,
} from '@quietroom/testing';

function replay(recording: Recording, cut: (record: Buffer) => Buffer[]) {
  const session = new Session({
    role: 'client',
    pinnedKey: new X509Certificate(recording.certPem).publicKey,
    dh: dhKeyPairFrom(Buffer.from(recording.clientDhPrivateHex, 'hex')),
  });
  const calls: SessionEvent[][] = [];
  for (const record of recordsOf(recording, 'in')) {
    for (const piece of cut(record)) calls.push(session.receive(piece));
  }
  return { session, calls, events: calls.flat() };
}

function packetsOf(events: readonly SessionEvent[]): ExpectedPacket[] {
  const packets: ExpectedPacket[] = [];
  for (const event of events) {
    if (event.type === 'text') packets.push({ type: 1, bytes: event.bytes.length, text: event.text });
    if (event.type === 'file') {
      const sha256 = createHash('sha256').update(event.bytes).digest('hex');
      packets.push({ type: 3, bytes: event.bytes.length, sha256 });
    }
  }
  return packets;
}

for (const name of RECORDINGS) {
  const recording = loadRecording(name);

  test(`${name}: records in, exactly the expected packets out`, () => {
    const { session, events } = replay(recording, (record) => [record]);
    assert.equal(events[0]?.type, 'open');
    assert.deepEqual(packetsOf(events), recording.expect);
    assert.equal(session.counters.packets, recording.expect.length);
    assert.equal(session.counters.invalidUtf8, 0);
    assert.equal(events.length, 1 + recording.expect.length);
  });

  test(`${name}: the same packets when the stream is cut into single bytes`, () => {
    const { calls, events } = replay(recording, (record) => Array.from(record, (byte) => Buffer.of(byte)));
    assert.deepEqual(packetsOf(events), recording.expect);
    assert.ok(calls.every((call) => call.length <= 1));
  });

  test(`${name}: the client first sends its public key, as recorded`, () => {
    const { session } = replay(recording, (record) => [record]);
    const write = session.nextWrite();
    assert.deepEqual(Buffer.from(write?.bytes ?? []), recordsOf(recording, 'out')[0]);
    assert.equal(session.nextWrite(), undefined);
  });

  test(`${name}: the private key of the recording leads to its session key`, () => {
    // In the first four records: length, public key, length, signature.
    const serverPublicKey = recordsOf(recording, 'in')[1] ?? Buffer.alloc(0);
    const dh = dhKeyPairFrom(Buffer.from(recording.clientDhPrivateHex, 'hex'));
    assert.equal(deriveSessionKey(dh, serverPublicKey).toString('hex'), recording.sessionKeyHex);
  });

  test(`${name}: each packet that the client sent decodes, in the call that brings its record`, () => {
    const sent = recordsOf(recording, 'out').slice(1);
    const key = Buffer.from(recording.sessionKeyHex, 'hex');
    const decoder = new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
    const calls = sent.map((record) => decoder.receive(record));
    sent.forEach((record, index) => {
      const type = record.readUInt8(0);
      const expected = type === 2 ? [] : [openPacket(key, record.subarray(3, 3 + record.readUInt16BE(1)))];
      assert.ok(!expected.includes(undefined), `record ${index} opens`);
      assert.deepEqual(
        calls[index]?.map((packet) => packet.plaintext),
        expected,
      );
    });
  });

  test(`${name}: every text is read, and written again as it was`, () => {
    for (const { text } of recording.expect) {
      if (text === undefined) continue;
      const message = parseServerMessage(text);
      assert.equal(formatServerMessage(message), text);
      assert.notEqual(message.type, 'notice', text);
    }
  });
}

const kindOf = (message: ServerMessage): string =>
  message.type === 'refusal' ? message.reason : message.type;

const LOGIN = ['usernamePrompt', 'welcome', 'loginHint', 'joined', 'joined', 'joined'];
const TALK = ['lobby', 'lobby', 'lobby', 'dm', 'dm', 'dmEcho'];
const TALK_REFUSED = ['recipientOffline', 'dmUsage', 'unknownCommand'];
const JOINS = ['roomJoined', 'roomJoined', 'passwordRequired', 'passwordWrong', 'joinedRoom', 'roomJoined'];

/** The kinds of the messages in the recorded conversations, read by eye from their texts. */
const CONVERSATIONS = {
  'v1.1-conversation': [
    ...LOGIN,
    ...TALK,
    ...TALK_REFUSED,
    'createdRoom',
    ...JOINS,
    'roomNameInvalid',
    'rooms',
    'users',
    'unknownCommand',
    'unknownCommand',
    'unknownCommand',
    'lobby',
    'lobby',
    'lobby',
    'lobby',
    'leftRoom',
    'notInRoom',
    'lobby',
  ],
  'v1.2-conversation': [
    ...LOGIN,
    ...TALK,
    ...TALK_REFUSED,
    'joinedRoom',
    ...JOINS,
    'roomNameInvalid',
    'rooms',
    'users',
    'members',
    'members',
    'roomNotFound',
    'lobby',
    'room',
    'room',
    'notAMember',
    'leftRoom',
    'notInRoom',
    'left',
    'lobby',
  ],
};

for (const name of ['v1.1-conversation', 'v1.2-conversation'] as const) {
  test(`${name}: each message is of the type noted in the recording`, () => {
    const messages = loadRecording(name).expect.map(({ text = '' }) => parseServerMessage(text));
    assert.deepEqual(messages.map(kindOf), CONVERSATIONS[name]);
  });
}
