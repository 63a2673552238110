import { createHash, getDiffieHellman } from 'node:crypto';
import { ProtocolError } from '../errors.js';

/** One side's half of a Diffie-Hellman exchange in RFC 3526 group 14 (2048 bits, g = 2). */
export interface DhKeyPair {
  /** Big-endian; leading zero bytes are stripped before it is sent. */
  readonly publicKey: Uint8Array;
  /** The shared secret, big-endian, with or without leading zero bytes. */
  computeSecret(peerPublicKey: Uint8Array): Buffer;
}

const PRIME = getDiffieHellman('modp14').getPrime();

/** P-1: P is odd, so only its last byte differs. */
const PRIME_MINUS_ONE = Buffer.from(PRIME);
PRIME_MINUS_ONE.writeUInt8(PRIME.readUInt8(PRIME.length - 1) - 1, PRIME.length - 1);

/** A fresh key pair. */
export function generateDhKeyPair(): DhKeyPair {
  // The named group: making a group from its prime costs 200 ms on Node 24.
  const group = getDiffieHellman('modp14');
  const publicKey = group.generateKeys();
  return { publicKey, computeSecret: (peer) => group.computeSecret(peer) };
}

/** The number's bytes without leading zero bytes; a view, not a copy. */
export function stripLeadingZeros(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  return bytes.subarray(start);
}

/**
 * Refuses public keys outside 1 < y < P-1, as numbers; leading zero bytes are accepted.
 * The check is ours, because OpenSSL as built into Node 20 lets keys above P pass.
 *
 * @throws ProtocolError `DH_KEY_INVALID`
 */
export function assertDhPublicKey(publicKey: Uint8Array): void {
  const y = stripLeadingZeros(publicKey);
  const aboveOne = y.length > 1 || (y.length === 1 && y[0] !== 1);
  const belowPrimeMinusOne =
    y.length < PRIME.length || (y.length === PRIME.length && Buffer.compare(y, PRIME_MINUS_ONE) < 0);
  if (!aboveOne || !belowPrimeMinusOne) {
    throw new ProtocolError(
      'DH_KEY_INVALID',
      'The peer sent a Diffie-Hellman public key outside 1 < y < P-1. Do not trust this peer.',
    );
  }
}

/**
 * SHA-256 over the shared secret without its leading zero bytes. Node pads the secret to the size of
 * P; hashed like that, one session in 256 would have a key of its own.
 *
 * The secret is wiped.
 *
 * @throws ProtocolError `DH_KEY_INVALID`
 */
export function deriveSessionKey(ours: DhKeyPair, peerPublicKey: Uint8Array): Buffer {
  assertDhPublicKey(peerPublicKey);
  const secret = computeSecret(ours, peerPublicKey);
  const key = createHash('sha256').update(stripLeadingZeros(secret)).digest();
  secret.fill(0);
  return key;
}

function computeSecret(ours: DhKeyPair, peerPublicKey: Uint8Array): Buffer {
  try {
    return ours.computeSecret(peerPublicKey);
  } catch (cause) {
    // Newer versions of OpenSSL also refuse keys that are not a power of g, which no honest peer sends.
    throw new ProtocolError(
      'DH_KEY_INVALID',
      'The peer sent a Diffie-Hellman public key that cannot be used. Do not trust this peer.',
      { cause },
    );
  }
}
