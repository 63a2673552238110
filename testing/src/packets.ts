import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What a packet is made of. */
export interface PacketParts {
  /** The session key, 32 bytes. */
  readonly key: Uint8Array;
  readonly type: number;
  readonly plaintext: Uint8Array;
  /** Default: none. */
  readonly padding?: Uint8Array;
  /** 12 bytes; default: random ones. */
  readonly nonce?: Uint8Array;
}

/**
 * A sealed packet, written by itself from the layout of a packet, so that the encoder has a judge:
 * `u8 type | u16be n | nonce (12) | ciphertext | tag (16) | padding`.
 */
export function buildPacket({
  key,
  type,
  plaintext,
  padding = Buffer.alloc(0),
  nonce = randomBytes(12),
}: PacketParts): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const data = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([Buffer.of(type, data.length >> 8, data.length & 255), data, padding]);
}

/** The plaintext of a packet's data, or undefined when its tag does not verify. */
export function openPacket(key: Uint8Array, data: Uint8Array): Buffer | undefined {
  if (data.length < 28) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(data.length - 16));
  try {
    return Buffer.concat([decipher.update(data.subarray(12, data.length - 16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
