import type { Clock } from 'quietroom-connector';
import type { ConnectionSettings } from '../settings/clientSettings.js';

/** One of the addresses of a host. */
export interface Address {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** The server to check, and how. */
export interface Target extends ConnectionSettings {
  /** Include hosts, addresses, names, files and fingerprints. */
  readonly full: boolean;
  readonly clock: Clock;
  /** Looks up all addresses of a host; throws Node's errors. */
  readonly lookup: (host: string) => Promise<readonly Address[]>;
  /** Cancels the checks. */
  readonly signal: AbortSignal;
}

/** Appends a detail that is shown only with `full`. */
export function named({ full }: Pick<Target, 'full'>, what: string): string {
  return full ? ` (${what})` : '';
}
