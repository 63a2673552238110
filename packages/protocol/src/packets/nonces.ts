import { randomBytes } from 'node:crypto';
import { ProtocolError } from '../errors.js';
import { NONCE_BYTES } from './packetFormat.js';

const PREFIX_BYTES = 7;
const COUNTER_BYTES = NONCE_BYTES - PREFIX_BYTES;
const LAST_COUNTER = 2 ** (8 * COUNTER_BYTES) - 1;

export type Role = 'client' | 'server';

/**
 * The nonces of one side of one session. Both directions share a key, so a nonce must be unique among
 * the nonces of both sides:
 *
 * | bytes | what                                                                  |
 * |-------|-----------------------------------------------------------------------|
 * | 7     | random for each side and session; its first bit is 0 in a client's    |
 * |       | nonces and 1 in a server's                                            |
 * | 5     | counter, big-endian; after the last one nothing can be sealed any more |
 */
export class NonceSequence {
  readonly #prefix: Buffer;
  #counter: number;
  #reserved: number;

  constructor(role: Role, random: (size: number) => Uint8Array = randomBytes, firstCounter = 0) {
    this.#prefix = Buffer.from(random(PREFIX_BYTES));
    const first = this.#prefix.readUInt8(0);
    this.#prefix.writeUInt8(role === 'server' ? first | 0x80 : first & 0x7f, 0);
    this.#counter = firstCounter;
    this.#reserved = firstCounter;
  }

  /**
   * Reserves a nonce for a packet that is sealed later.
   *
   * @throws ProtocolError `NONCES_EXHAUSTED`
   */
  reserve(): void {
    if (this.#reserved > LAST_COUNTER) throw exhausted();
    this.#reserved++;
  }

  /**
   * Writes the next nonce into 12 bytes of `target`.
   *
   * @throws ProtocolError `NONCES_EXHAUSTED`
   */
  writeNext(target: Buffer, at: number): void {
    if (this.#counter > LAST_COUNTER) throw exhausted();
    this.#prefix.copy(target, at);
    target.writeUIntBE(this.#counter, at + PREFIX_BYTES, COUNTER_BYTES);
    this.#counter++;
  }
}

function exhausted(): ProtocolError {
  return new ProtocolError(
    'NONCES_EXHAUSTED',
    'This session has used all its nonces. Connect again for a new key.',
  );
}
