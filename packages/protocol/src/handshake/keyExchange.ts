import type { KeyObject } from 'node:crypto';
import { deriveSessionKey, generateDhKeyPair, stripLeadingZeros, type DhKeyPair } from './dh.js';
import { ProtocolError } from '../errors.js';
import { isSignedBy, signPublicKey } from './signature.js';

/** The longest key or signature that either side accepts. */
const MAX_PART_BYTES = 4096;

/**
 * The key exchange, as a script: it yields how many bytes it waits for and is resumed with exactly
 * those; what it returns is the session key.
 */
export type KeyExchange = Generator<number, Buffer, Uint8Array>;

/** Where a script puts what it sends; each call is one write, and so one TLS record. */
export type Send = (bytes: Uint8Array) => void;

/** A server's half, made and signed before the client is greeted. */
export interface SignedOffer {
  readonly dh: DhKeyPair;
  readonly signature: Uint8Array;
}

/** Makes and signs a fresh key pair; the signature is made in the thread pool. */
export async function makeSignedOffer(
  certificateKey: KeyObject,
  dh: DhKeyPair = generateDhKeyPair(),
): Promise<SignedOffer> {
  const signature = await signPublicKey(stripLeadingZeros(dh.publicKey), certificateKey);
  return { dh, signature };
}

export function* clientKeyExchange(send: Send, dh: DhKeyPair, pinnedKey: KeyObject): KeyExchange {
  const serverPublicKey = yield* receivePart(); // <- server
  const signature = yield* receivePart(); // <- server
  if (!isSignedBy(serverPublicKey, signature, pinnedKey)) {
    throw new ProtocolError(
      'SIGNATURE_INVALID',
      'The server did not prove that it holds the key of the pinned certificate. Do not trust this server.',
    );
  }
  const sessionKey = deriveSessionKey(dh, serverPublicKey);
  sendPublicKey(send, dh.publicKey); // -> server
  return sessionKey;
}

export function* serverKeyExchange(send: Send, offer: SignedOffer): KeyExchange {
  const publicKey = stripLeadingZeros(offer.dh.publicKey);
  for (const part of [publicKey, offer.signature]) {
    send(lengthPrefix(part)); // -> client
    send(part); // -> client
  }
  return deriveSessionKey(offer.dh, yield* receivePart()); // <- client
}

/** `u32be length | bytes`, in one record. */
function sendPublicKey(send: Send, publicKey: Uint8Array): void {
  const part = stripLeadingZeros(publicKey);
  send(Buffer.concat([lengthPrefix(part), part]));
}

function lengthPrefix(part: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(part.length);
  return prefix;
}

/** `u32be length | bytes`; an invalid length is refused before its bytes are awaited. */
function* receivePart(): Generator<number, Uint8Array, Uint8Array> {
  const prefix = yield 4;
  const length = new DataView(prefix.buffer, prefix.byteOffset, 4).getUint32(0);
  if (length === 0 || length > MAX_PART_BYTES) {
    throw new ProtocolError(
      'KEY_EXCHANGE_LENGTH',
      `The peer announced ${length} bytes in the key exchange; 1 to ${MAX_PART_BYTES} are possible. It does not speak QuietRoom.`,
    );
  }
  return yield length;
}
