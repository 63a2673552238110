import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { ProtocolError } from '../errors.js';
import type { NonceSequence } from './nonces.js';
import { NONCE_BYTES, TAG_BYTES } from './packetFormat.js';

const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * AES-256-GCM without associated data, under the one key that both directions share.
 *
 * The data of a sealed packet: `nonce (12) | ciphertext | tag (16)`.
 */
export class PacketCipher {
  #key: KeyObject | undefined;
  readonly #nonces: NonceSequence;
  // Reused for each packet: copying a few bytes costs less than views.
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  readonly #tag = Buffer.alloc(TAG_BYTES);

  /** Takes over the key: `sessionKey` is wiped. */
  constructor(sessionKey: Buffer, nonces: NonceSequence) {
    this.#key = createSecretKey(sessionKey);
    sessionKey.fill(0);
    this.#nonces = nonces;
  }

  /**
   * Reserves what sealing one more plaintext needs.
   *
   * @throws ProtocolError `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  reserve(): void {
    this.#openKey();
    this.#nonces.reserve();
  }

  /**
   * Writes the sealed plaintext, SEAL_BYTES longer than it was, into `target`.
   *
   * @throws ProtocolError `NONCES_EXHAUSTED`, `SESSION_NOT_OPEN`
   */
  seal(plaintext: Uint8Array, target: Buffer, at: number): void {
    const key = this.#openKey();
    this.#nonces.writeNext(this.#nonce, 0);
    target.set(this.#nonce, at);
    const cipher = createCipheriv(ALGORITHM, key, this.#nonce, OPTIONS);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    target.set(ciphertext, at + NONCE_BYTES);
    target.set(cipher.getAuthTag(), at + NONCE_BYTES + ciphertext.length);
  }

  /** The plaintext of `source[start, end)`, or undefined when its tag does not verify. */
  open(source: Uint8Array, start: number, end: number): Buffer | undefined {
    if (this.#key === undefined) return undefined;
    const body = start + NONCE_BYTES;
    const tag = end - TAG_BYTES;
    copyInto(this.#nonce, source, start);
    copyInto(this.#tag, source, tag);
    const decipher = createDecipheriv(ALGORITHM, this.#key, this.#nonce, OPTIONS);
    decipher.setAuthTag(this.#tag);
    const plaintext = decipher.update(source.subarray(body, tag));
    try {
      decipher.final();
      return plaintext;
    } catch {
      return undefined;
    }
  }

  /** Drops the key; nothing can be sealed or opened afterwards. */
  close(): void {
    this.#key = undefined;
  }

  #openKey(): KeyObject {
    if (this.#key === undefined) throw new ProtocolError('SESSION_NOT_OPEN', 'The session is closed.');
    return this.#key;
  }
}

/** Fills `target` from `source`. */
function copyInto(target: Uint8Array, source: Uint8Array, from: number): void {
  for (let index = 0; index < target.length; index++) target[index] = source[from + index] ?? 0;
}
