import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { MAX_PASSWORD_BYTES } from '@quietroom/protocol/constants';
import { encodeUtf8 } from '@quietroom/protocol/internals';

/** What is kept of a room's password. */
export interface PasswordHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * Each takes some 50 ms of a thread of the pool. Two at a time leave threads free for the signatures of those
 * who log in.
 */
const AT_ONCE = 2;

export function isPasswordTooLong(password: string): boolean {
  return encodeUtf8(password).length > MAX_PASSWORD_BYTES;
}

/** Hashes and checks passwords by scrypt in the thread pool, a few at a time, in the order of the calls. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(SALT_BYTES);
    return { salt, hash: await this.#derive(password, salt) };
  }

  async isCorrect(password: string, { salt, hash }: PasswordHash): Promise<boolean> {
    return timingSafeEqual(await this.#derive(password, salt), hash);
  }

  async #derive(password: string, salt: Buffer): Promise<Buffer> {
    if (this.#running === AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running++;
    try {
      return await derive(encodeUtf8(password).subarray(0, MAX_PASSWORD_BYTES), salt);
    } finally {
      // The place goes to the next one in line, if there is one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

function derive(password: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}
