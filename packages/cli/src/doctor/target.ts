import type { Clock } from 'quietroom-connector';

/** One of the addresses of a host. */
export interface Address {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** The server to check, and how. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** The file of the pinned certificate. */
  readonly cert: string;
  readonly username: string;
  /** Seconds for each of DNS, TCP and TLS, and for connecting as a whole. */
  readonly connectTimeout: number;
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
