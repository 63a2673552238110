import { Networks } from '../addresses/networks.js';
import { ServerError } from '../errors.js';
import type { BanFile } from './banFile.js';
import type { BanTarget } from './banTarget.js';

/** A ban. */
export interface Ban extends BanTarget {
  /** Undefined: until it is lifted. */
  readonly until: Date | undefined;
}

/** Enough for people; an automatic tool should use the firewall. */
const MAX_BANS = 10_000;

/** The bans in effect. Times are of the wall clock, so that they hold over restarts. */
export class Bans {
  readonly #date: () => Date;
  readonly #file: BanFile | undefined;
  readonly #bans = new Map<string, Ban>();
  /** Of the addresses and networks. */
  #addresses = new Networks([]);
  #nextExpiryMs = Number.POSITIVE_INFINITY;

  /**
   * Without a file the bans end with the server.
   *
   * @throws ServerError `BANS_INVALID`
   */
  constructor(date: () => Date, file?: BanFile) {
    this.#date = date;
    this.#file = file;
    for (const ban of file?.read() ?? []) this.#bans.set(ban.target, ban);
    this.#rebuild();
  }

  get size(): number {
    this.#dropExpired();
    return this.#bans.size;
  }

  /** In the order in which they were added. */
  list(): Ban[] {
    this.#dropExpired();
    return [...this.#bans.values()];
  }

  /**
   * Adds a ban, or replaces the one of this target. A ban that cannot be stored is not in effect.
   *
   * @throws ServerError `OPTION_INVALID` at 10,000 bans; Node's own error when the file cannot be written
   */
  add(ban: Ban): void {
    this.#dropExpired();
    if (this.#bans.size >= MAX_BANS && !this.#bans.has(ban.target)) {
      throw new ServerError(
        'OPTION_INVALID',
        `There are ${MAX_BANS} bans already. Lift some, or ban a network.`,
      );
    }
    this.#store([...this.list().filter(({ target }) => target !== ban.target), ban]);
  }

  /** False when there is no such ban. Throws Node's own error when the file cannot be written. */
  remove(target: string): boolean {
    this.#dropExpired();
    if (!this.#bans.has(target)) return false;
    this.#store(this.list().filter((ban) => ban.target !== target));
    return true;
  }

  hasName(name: string): boolean {
    this.#dropExpired();
    return this.#bans.get(name)?.kind === 'name';
  }

  hasAddress(address: string): boolean {
    this.#dropExpired();
    return this.#addresses.has(address);
  }

  #store(bans: readonly Ban[]): void {
    this.#file?.write(bans);
    this.#bans.clear();
    for (const ban of bans) this.#bans.set(ban.target, ban);
    this.#rebuild();
  }

  #dropExpired(): void {
    if (this.#nextExpiryMs === Number.POSITIVE_INFINITY) return;
    const now = this.#date().getTime();
    if (now < this.#nextExpiryMs) return;
    for (const { target, until } of this.#bans.values()) {
      if (until !== undefined && until.getTime() <= now) this.#bans.delete(target);
    }
    this.#rebuild();
  }

  #rebuild(): void {
    const bans = [...this.#bans.values()];
    this.#addresses = new Networks(bans.filter(({ kind }) => kind !== 'name').map(({ target }) => target));
    this.#nextExpiryMs = Math.min(...bans.map(({ until }) => until?.getTime() ?? Number.POSITIVE_INFINITY));
  }
}
