/** The version of the daemon's protocol; it grows when something is not compatible. */
export const DAEMON_PROTOCOL = 1;

/** The limits of the daemon. docs/daemon.md lists them. */
export const DAEMON_LIMITS = {
  /** Bytes of a request, with its line break. */
  maxRequestBytes: 1024 * 1024,
  /** Requests of a client without an answer yet. */
  maxOpenRequests: 64,
  maxClients: 32,
  /** Bytes of events that may wait for a client; it is told how many further ones it loses. */
  maxQueuedBytes: 4 * 1024 * 1024,
  /** A client without a subscription and without an open request is closed after this time. */
  idleMs: 300_000,
  /** Events that are kept for `history`. */
  maxEvents: 10_000,
  maxEventBytes: 8 * 1024 * 1024,
  /** Events in one result of `history`. */
  maxHistory: 500,
} as const;
