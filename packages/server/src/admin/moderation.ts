import type { Clock } from '../time/clock.js';
import type { BanFile } from './banFile.js';
import { Bans } from './bans.js';
import { Mutes } from './mutes.js';

/** The decisions of operators that the server enforces: bans, mutes, and a drain. */
export class Moderation {
  readonly bans: Bans;
  readonly mutes: Mutes;
  /** True while no new logins are accepted. */
  isDraining = false;

  /** @throws ServerError `BANS_INVALID` */
  constructor(clock: Pick<Clock, 'now'>, date: () => Date, banFile?: BanFile) {
    this.bans = new Bans(date, banFile);
    this.mutes = new Mutes(clock);
  }

  /** The reason to refuse a login, if there is one. */
  loginRefusal(name: string, address: string): 'banned' | 'draining' | undefined {
    if (this.bans.hasName(name) || this.bans.hasAddress(address)) return 'banned';
    return this.isDraining ? 'draining' : undefined;
  }
}
