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
