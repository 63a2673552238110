import type { CurrentOptions } from '../options/currentOptions.js';
import type { Clock } from '../time/clock.js';

/** A client that enters a password. */
export interface PasswordClient {
  /** From `addressGroup`. */
  readonly address: string;
}

interface Attempts {
  count: number;
  /** When the attempts expire. */
  expiresAt: number;
}

const MAX_DELAY_SECONDS = 30;

/** Counts wrong passwords for each room, by client and by address, so that a password cannot be guessed. */
export class PasswordAttempts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: CurrentOptions;
  readonly #byClient = new WeakMap<PasswordClient, Map<string, Attempts>>();
  readonly #byAddress = new Map<string, Attempts>();

  constructor(clock: Pick<Clock, 'now'>, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * Registers an attempt before the password is checked. Returns the milliseconds by which the answer must be
   * delayed, or undefined when the password must not be checked. The attempt counts as wrong until `correct`
   * is called, so that concurrent attempts count.
   */
  begin(client: PasswordClient, room: string): number | undefined {
    const { passwordTries, passwordTriesPerAddress, passwordLockout } = this.#options.current;
    const now = this.#clock.now();
    const ofClient = attemptsOf(this.#roomsOf(client), room, now);
    const ofAddress = attemptsOf(this.#byAddress, `${client.address} ${room}`, now);
    if (ofClient.count >= passwordTries || ofAddress.count >= passwordTriesPerAddress) return undefined;
    for (const attempts of [ofClient, ofAddress]) {
      attempts.count++;
      attempts.expiresAt = now + passwordLockout * 1000;
    }
    const seconds = ofClient.count === 1 ? 0 : 2 ** (ofClient.count - 2);
    return Math.min(seconds, MAX_DELAY_SECONDS) * 1000;
  }

  correct(client: PasswordClient, room: string): void {
    this.#byClient.get(client)?.delete(room);
    const ofAddress = this.#byAddress.get(`${client.address} ${room}`);
    if (ofAddress) ofAddress.count--;
  }

  /** To be called regularly. */
  forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#byAddress) if (expiresAt <= now) this.#byAddress.delete(key);
  }

  #roomsOf(client: PasswordClient): Map<string, Attempts> {
    const known = this.#byClient.get(client);
    if (known) return known;
    const rooms = new Map<string, Attempts>();
    this.#byClient.set(client, rooms);
    return rooms;
  }
}

function attemptsOf(all: Map<string, Attempts>, key: string, now: number): Attempts {
  const known = all.get(key);
  if (known && known.expiresAt > now) return known;
  const fresh = { count: 0, expiresAt: 0 };
  all.set(key, fresh);
  return fresh;
}
