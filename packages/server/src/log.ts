/** Why a connection ended. */
export type CloseReason =
  /** The client sent `/quit`. */
  | 'quit'
  /** The client closed the connection. */
  | 'ended'
  /** The connection broke; `code` is Node's. */
  | 'socketError'
  /** No TLS 1.3 connection came about; `code` is Node's. */
  | 'tlsFailed'
  /** The client broke the protocol; `code` is that of the `ProtocolError`. */
  | 'protocolError'
  /** No login within `loginTimeout`. */
  | 'loginTimeout'
  | 'nameTaken'
  | 'nameInvalid'
  /** The client did not read, and `maxQueuedBytes` waited for it. */
  | 'queueFull'
  /** The server was closed. */
  | 'shutdown'
  /** A mistake in the server itself; `error` holds it. */
  | 'internalError';

/** What more is known of why a connection ended. */
export interface CloseDetails {
  readonly code?: string;
  readonly error?: unknown;
}

/**
 * What the `log` hook is told. `client` numbers the connections of a server, from 1. No entry holds anything
 * that a user wrote but names, which only hold `A-Z a-z 0-9 space _ - .`.
 */
export type LogEntry =
  | { readonly event: 'listening'; readonly host: string; readonly port: number }
  | { readonly event: 'connected'; readonly client: number; readonly address: string; readonly port: number }
  | { readonly event: 'joined'; readonly client: number; readonly name: string }
  /** A text did not fit into a packet, and so nobody got it; `bytes` of UTF-8. */
  | { readonly event: 'messageTooLong'; readonly bytes: number }
  | ClosedEntry
  /** A connection could not be accepted, for lack of file descriptors for example; the server goes on. */
  | { readonly event: 'acceptFailed'; readonly code: string }
  | { readonly event: 'stopped' };

/** The last entry of each connection. */
export interface ClosedEntry extends CloseDetails {
  readonly event: 'closed';
  readonly client: number;
  /** Absent when the client had not logged in. */
  readonly name?: string;
  readonly reason: CloseReason;
  /** How long the connection was open. */
  readonly seconds: number;
}

export type Log = (entry: LogEntry) => void;

/** A log hook that throws costs its entry, and nothing else. */
export function guardLog(log: Log): Log {
  return (entry) => {
    try {
      log(entry);
    } catch {
      // The hook is the only way to tell anyone.
    }
  };
}

/** The code of an error of Node's. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
