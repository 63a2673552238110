import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  deriveSessionKey,
  generateDhKeyPair,
  makeSignedOffer,
  Session,
  type SessionEvent,
} from '@quietroom/protocol';
import { dhKeyPairFrom, firstIdentity, loadRecording, recordsOf } from '@quietroom/testing';
import { packetScripts, packetStream, waysToCut } from './packetScript.js';
import { holds, type Target } from './target.js';

const serverOffer = await makeSignedOffer(createPrivateKey(firstIdentity.keyPem));
const clientKeys = generateDhKeyPair();
const key = deriveSessionKey(serverOffer.dh, clientKeys.publicKey);

/** `u32be length | bytes`, as each part of the key exchange. */
function part(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const EXCHANGES = {
  server: part(clientKeys.publicKey),
  client: Buffer.concat([part(serverOffer.dh.publicKey), part(serverOffer.signature)]),
};

const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;

function makeSession(role: 'client' | 'server'): Session {
  return role === 'client'
    ? new Session({ role, pinnedKey, dh: clientKeys })
    : new Session({ role, offer: serverOffer });
}

/** What a session makes of the bytes; it never throws, and says nothing after a failure. */
function eventsOf(session: Session, pieces: readonly Buffer[]): string[] {
  const events: SessionEvent[] = [];
  for (const piece of pieces) {
    const hasFailed = events.at(-1)?.type === 'failed';
    const more = session.receive(piece);
    holds('nothing comes after a failure', !hasFailed || more.length === 0);
    events.push(...more);
  }
  const failures = events.filter(({ type }) => type === 'failed').length;
  holds('a failure is the last event', failures === 0 || events.at(-1)?.type === 'failed');
  return events.map(describe);
}

function describe(event: SessionEvent): string {
  switch (event.type) {
    case 'open':
      return 'open';
    case 'failed':
      return `failed ${event.error.code}`;
    case 'text':
    case 'file':
      return `${event.type} ${event.bytes.toString('hex')}`;
  }
}

/**
 * The first byte says whether the key exchange is that of an honest peer, with packets behind it as in
 * `packetStream`, or the bytes as they are.
 */
function sessionTarget(role: 'client' | 'server'): Target {
  return {
    name: `session-${role}`,
    words: ['\u0000\u0000\u0001\u0000', '\u0000\u0000\u0010\u0001', '\u0001\u0000\u001c'],
    seeds: () => [
      ...packetScripts().map((script) => Buffer.concat([Buffer.of(0), script])),
      Buffer.concat([Buffer.of(1), EXCHANGES[role]]),
      Buffer.concat([Buffer.of(1), EXCHANGES[role].subarray(0, 100)]),
    ],
    run(input) {
      const isHonest = (input[0] ?? 0) % 2 === 0;
      const rest = input.subarray(1);
      // A server refuses a client whose first packet is not a text.
      const named = Buffer.concat([Buffer.of(0, 1, 1), Buffer.from('a'), rest]);
      const stream = isHonest ? packetStream(named, key) : { bytes: rest, plaintexts: [], cuts: [] };
      const bytes = isHonest ? Buffer.concat([EXCHANGES[role], stream.bytes]) : rest;
      const [whole, other] = waysToCut({ ...stream, bytes }).map((pieces) =>
        eventsOf(makeSession(role), pieces),
      );
      holds('the events are the same for every cut', JSON.stringify(other) === JSON.stringify(whole));
      if (!isHonest) return;
      holds('an honest peer is never refused', whole?.some((event) => event.startsWith('failed')) === false);
      holds('each packet is an event', whole?.length === 1 + stream.plaintexts.length);
    },
  };
}

export const sessionTargets: readonly Target[] = [sessionTarget('client'), sessionTarget('server')];

const recording = loadRecording('v1.2-conversation');
const recordedKeys = dhKeyPairFrom(Buffer.from(recording.clientDhPrivateHex, 'hex'));
const recordedPin = new X509Certificate(recording.certPem).publicKey;

/** A recorded session with its bytes changed: the events are the same for every cut. */
export const recordingTarget: Target = {
  name: 'recording',
  words: ['\u0001\u0000\u001c', '\u0000'],
  seeds: () => [Buffer.concat(recordsOf(recording, 'in')).subarray(0, 3000)],
  run(input) {
    const cutsOf = waysToCut({ bytes: input, plaintexts: [], cuts: [] });
    const [whole, other] = cutsOf.map((pieces) =>
      eventsOf(new Session({ role: 'client', pinnedKey: recordedPin, dh: recordedKeys }), pieces),
    );
    holds('the events are the same for every cut', JSON.stringify(other) === JSON.stringify(whole));
  },
};
