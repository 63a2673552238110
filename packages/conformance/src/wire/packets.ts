import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** `u8 type | u16be n`. */
export const HEADER_BYTES = 3;
/** Nonce (12) and tag (16) around the ciphertext. */
export const SEAL_BYTES = 28;
export const MAX_DATA_BYTES = 32768;

export const TEXT = 1;
export const DECOY = 2;
export const FILE = 3;

/** `u8 type | u16be n | data | padding`; the data is not sealed here. */
export function rawPacket(type: number, data: Uint8Array, paddingBytes = 16): Buffer {
  return Buffer.concat([
    Buffer.of(type, data.length >> 8, data.length & 255),
    data,
    Buffer.alloc(paddingBytes),
  ]);
}

/** `nonce (12) | ciphertext | tag (16)`. */
export function seal(key: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or undefined when the tag does not verify. */
export function unseal(key: Uint8Array, data: Uint8Array): Buffer | undefined {
  if (data.length < SEAL_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(-16));
  try {
    return Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
