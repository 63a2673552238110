import type { Clock } from '../time/clock.js';
import type { LiveOptions } from '../options/reloadableOptions.js';
import type { User } from '../users/user.js';

interface Tally {
  count: number;
  /** When it is forgotten. */
  until: number;
}

const MAX_DELAY_SECONDS = 30;

/** Counts wrong passwords, of each client and of each address for each room, so that guessing leads nowhere. */
export class PasswordAttempts {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: LiveOptions;
  readonly #byClient = new WeakMap<User, Map<string, Tally>>();
  readonly #byAddress = new Map<string, Tally>();

  constructor(clock: Pick<Clock, 'now'>, options: LiveOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * A password is about to be checked: the milliseconds that its answer must wait, or undefined when it must
   * not be checked. It counts as wrong until `correct` says otherwise, so that tries at the same time count.
   */
  begin(user: User, room: string): number | undefined {
    const { passwordTries, passwordTriesPerAddress, passwordLockout } = this.#options.current;
    const now = this.#clock.now();
    const ofClient = tally(this.#roomsOf(user), room, now);
    const ofAddress = tally(this.#byAddress, `${user.address} ${room}`, now);
    if (ofClient.count >= passwordTries || ofAddress.count >= passwordTriesPerAddress) return undefined;
    for (const one of [ofClient, ofAddress]) {
      one.count++;
      one.until = now + passwordLockout * 1000;
    }
    const seconds = ofClient.count === 1 ? 0 : 2 ** (ofClient.count - 2);
    return Math.min(seconds, MAX_DELAY_SECONDS) * 1000;
  }

  correct(user: User, room: string): void {
    this.#byClient.get(user)?.delete(room);
    const ofAddress = this.#byAddress.get(`${user.address} ${room}`);
    if (ofAddress) ofAddress.count--;
  }

  /** To be called now and then. */
  forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#byAddress) if (until <= now) this.#byAddress.delete(key);
  }

  #roomsOf(user: User): Map<string, Tally> {
    const known = this.#byClient.get(user);
    if (known) return known;
    const rooms = new Map<string, Tally>();
    this.#byClient.set(user, rooms);
    return rooms;
  }
}

function tally(tallies: Map<string, Tally>, key: string, now: number): Tally {
  const known = tallies.get(key);
  if (known && known.until > now) return known;
  const fresh = { count: 0, until: 0 };
  tallies.set(key, fresh);
  return fresh;
}
