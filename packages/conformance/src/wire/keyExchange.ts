import { constants, createHash, getDiffieHellman, sign, verify, type KeyObject } from 'node:crypto';
import type { Wire } from './wire.js';

/** The prime of RFC 3526 group 14. */
export const PRIME = BigInt(`0x${getDiffieHellman('modp14').getPrime('hex')}`);

/** A pair of keys for the exchange. */
export interface DhKeys {
  /** Without leading zero bytes. */
  readonly publicKey: Buffer;
  /** The shared secret, without leading zero bytes. */
  secret(peerKey: Uint8Array): Buffer;
}

export function makeDhKeys(): DhKeys {
  const dh = getDiffieHellman('modp14');
  const publicKey = stripZeros(dh.generateKeys());
  return { publicKey, secret: (peerKey) => stripZeros(dh.computeSecret(peerKey)) };
}

/** Keys for which the condition holds; one pair in 256 has, for instance, a short public key. Each try costs an exponentiation. */
export function findDhKeys(isWanted: (keys: DhKeys) => boolean): DhKeys {
  for (;;) {
    const keys = makeDhKeys();
    if (isWanted(keys)) return keys;
  }
}

function stripZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

export function sessionKey(secret: Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** A number as big-endian bytes without leading zeros. */
export function bigintBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** `u32be length | bytes`. */
export function withLength(bytes: Uint8Array, length = bytes.length): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return Buffer.concat([prefix, bytes]);
}

/** What a server says first. */
export interface Offer {
  readonly publicKey: Buffer;
  readonly signature: Buffer;
}

const MAX_PART_BYTES = 4096;

/** Reads `u32be length, DH public key, u32be length, signature`. @throws NothingCame, RangeError */
export async function readOffer(wire: Wire): Promise<Offer> {
  const publicKey = await readPart(wire);
  const signature = await readPart(wire);
  return { publicKey, signature };
}

/** One part with its length. @throws NothingCame, RangeError */
export async function readPart(wire: Wire): Promise<Buffer> {
  const length = (await wire.take(4)).readUInt32BE();
  if (length === 0 || length > MAX_PART_BYTES) throw new RangeError(`a part of ${length} bytes`);
  return wire.take(length);
}

export function isSignedBy(key: KeyObject, { publicKey, signature }: Offer, saltLength: number): boolean {
  return verify(
    'sha256',
    publicKey,
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
    signature,
  );
}

/** As servers sign: PSS with SHA-256 and the longest salt. */
export function signOffer(key: KeyObject, publicKey: Uint8Array): Buffer {
  const saltLength = constants.RSA_PSS_SALTLEN_MAX_SIGN;
  return sign('sha256', publicKey, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}
