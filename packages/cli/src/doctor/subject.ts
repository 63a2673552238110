import type { lookup } from 'node:dns/promises';
import type { Clock } from 'quietroom-connector';

/** What the doctor examines, and with what. */
export interface Subject {
  readonly host: string;
  readonly port: number;
  /** The file of the pinned certificate. */
  readonly cert: string;
  readonly username: string;
  /** Seconds that each of DNS, TCP and TLS may take, and connecting as a whole. */
  readonly connectTimeout: number;
  /** Say hosts, addresses, names, files and fingerprints. */
  readonly full: boolean;
  readonly clock: Clock;
  readonly lookup: typeof lookup;
  /** Ends the examination. */
  readonly signal: AbortSignal;
}

/** Behind a detail, what is said only with `full`. */
export function named({ full }: Pick<Subject, 'full'>, what: string): string {
  return full ? ` (${what})` : '';
}
