import { addressGroup } from '../addresses/addressGroup.js';
import { Networks } from '../addresses/networks.js';
import type { CloseReason } from '../observe/reasons.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { Clock } from '../time/clock.js';

/** Why an address is penalized: how a connection ended, or a rejection. */
export type Offence = CloseReason | 'passwordTries';

/** Seconds of penalty for each time. */
const PENALTY_SECONDS: Readonly<Partial<Record<Offence, number>>> = {
  /** No TLS 1.3: a scanner, or a client that does not know the certificate. */
  tlsFailed: 5,
  /** The key exchange failed, or packets broke the protocol. */
  protocolError: 10,
  handshakeTimeout: 5,
  loginTimeout: 5,
  junk: 120,
  queueFull: 10,
  /** A room's password was tried too often. */
  passwordTries: 10,
};

/** Sources that are remembered; a new one replaces the one whose last offence is the oldest. */
const MOST_SOURCES = 10_000;

/**
 * Penalties of addresses whose connections fail or do harm, as sshd has them (PerSourcePenalties): they add up and pass
 * with time. Above `penaltyThreshold`, connections from there are refused before TLS, which costs next to nothing.
 */
export class SourcePenalties {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: CurrentOptions;
  /** By address group: when the penalty is over. In the order of the last offence. */
  readonly #overAt = new Map<string, number>();
  /** Made from `penaltyExempt`, which a reload may change. */
  #exempt: { readonly networks: readonly string[]; readonly set: Networks } | undefined;

  constructor(clock: Pick<Clock, 'now'>, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Sources with a penalty that is not forgotten yet. */
  get size(): number {
    return this.#overAt.size;
  }

  /** A connection from this address has ended in this way, or something of it was rejected. */
  charge(offence: Offence, address: string): void {
    const seconds = PENALTY_SECONDS[offence];
    const { penaltyThreshold, maxPenalty } = this.#options.current;
    if (seconds === undefined || penaltyThreshold === 0 || this.#isExempt(address)) return;
    const group = addressGroup(address);
    const now = this.#clock.now();
    const overAt = Math.max(now, this.#overAt.get(group) ?? now) + seconds * 1000;
    this.#overAt.delete(group);
    if (this.#overAt.size >= MOST_SOURCES) this.#forgetFirst();
    this.#overAt.set(group, Math.min(overAt, now + maxPenalty * 1000));
  }

  /** Whether connections from this address are refused. */
  refuses(address: string): boolean {
    const { penaltyThreshold } = this.#options.current;
    if (penaltyThreshold === 0 || this.#overAt.size === 0) return false;
    const overAt = this.#overAt.get(addressGroup(address));
    if (overAt === undefined || overAt - this.#clock.now() < penaltyThreshold * 1000) return false;
    // A reload may have exempted it.
    return !this.#isExempt(address);
  }

  /** To be called every minute. */
  forgetOld(): void {
    const now = this.#clock.now();
    for (const [group, overAt] of this.#overAt) if (overAt <= now) this.#overAt.delete(group);
  }

  #forgetFirst(): void {
    for (const group of this.#overAt.keys()) {
      this.#overAt.delete(group);
      return;
    }
  }

  #isExempt(address: string): boolean {
    const { penaltyExempt } = this.#options.current;
    if (this.#exempt?.networks !== penaltyExempt) {
      this.#exempt = { networks: penaltyExempt, set: new Networks(penaltyExempt) };
    }
    return this.#exempt.set.has(address);
  }
}
