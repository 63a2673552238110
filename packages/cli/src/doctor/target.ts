import type { Clock } from 'quietroom-connector';

/** One of the addresses of a host. */
export interface Address {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

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
  /** Looks up all addresses of a host; fails as Node does. */
  readonly lookup: (host: string) => Promise<readonly Address[]>;
  /** Ends the examination. */
  readonly signal: AbortSignal;
}

/** Behind a detail, what is said only with `full`. */
export function named({ full }: Pick<Subject, 'full'>, what: string): string {
  return full ? ` (${what})` : '';
}
