import { createDiffieHellman, getDiffieHellman } from 'node:crypto';
import type { DhKeyPair } from '@quietroom/protocol';

/** The key pair that belongs to a private key, to drive a recorded session again. */
export function dhKeyPairFrom(privateKey: Buffer): DhKeyPair {
  // Only a group that is made from its prime takes a private key.
  const dh = createDiffieHellman(getDiffieHellman('modp14').getPrime(), 2);
  dh.setPrivateKey(privateKey);
  const publicKey = dh.generateKeys();
  return { publicKey, computeSecret: (peer) => dh.computeSecret(peer) };
}

/** `base` to the power of `exponent`, modulo `modulus`: a judge for Diffie-Hellman that shares no code with it. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** A number as big-endian bytes, without leading zero bytes. */
export function bigintBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}
