import type { CloseReason, RejectionReason, TransferEnd } from './reasons.js';

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
  | TransferEntry
  | RefusedEntry
  | ClosedEntry
  | AdminEntry
  | FoldedEntry
  /**
   * A connection could not be accepted; the server goes on. With the code `EMFILE` the process has too few file
   * descriptors: raise the limit (`ulimit -n`, `LimitNOFILE` of systemd).
   */
  | { readonly event: 'acceptFailed'; readonly code: string }
  /**
   * `maxConnections` needs more file descriptors than the process may open: clients can use about `connections`. Raise
   * the limit (`ulimit -n`, `LimitNOFILE` of systemd), or lower `maxConnections`.
   */
  | {
      readonly event: 'descriptorLimit';
      readonly limit: number;
      readonly maxConnections: number;
      readonly connections: number;
    }
  /** A callback of `onJoin`, `onLeave`, `onMessage` or `onTransfer` threw or rejected; the server goes on. */
  | { readonly event: 'callbackFailed'; readonly callback: string; readonly error: unknown }
  /** `reload` changed these options; separated by blanks. */
  | { readonly event: 'reloaded'; readonly options: string }
  | { readonly event: 'stopped' };

/** An accepted file is over, one way or another. */
export interface TransferEntry {
  readonly event: 'transfer';
  readonly end: TransferEnd;
  readonly sender: string;
  readonly recipient: string;
  /** How much of it was relayed. */
  readonly bytes: number;
  /** Since it was accepted, to the millisecond. */
  readonly seconds: number;
}

/**
 * So many more entries of one kind there were in the last minute: see `logEntriesPerMinute`. The kind is the event, and
 * of `closed` the reason.
 */
export interface FoldedEntry {
  readonly event: 'folded';
  /** The event of the entries. */
  readonly of: 'connected' | 'joined' | 'transfer' | 'closed' | 'acceptFailed' | 'callbackFailed';
  /** The reason of `closed`. */
  readonly reason?: CloseReason;
  /**
   * An address of the clients that caused them, which is that of the first entry; `others` when too many addresses
   * were concerned to count them apart. Absent for events without an address.
   */
  readonly address?: string;
  readonly times: number;
}

/**
 * Something was refused because of a limit. Of one reason and address there is one entry at once, and one
 * more at the end of the minute for all that came meanwhile: a flood cannot fill the log.
 */
export interface RefusedEntry {
  readonly event: 'refused';
  readonly reason: RejectionReason;
  /** Whose it was; `others` when too many addresses were refused in this minute to keep them apart. */
  readonly address: string;
  /** How often. */
  readonly times: number;
}

/** The last entry of each connection. */
export interface ClosedEntry extends CloseDetails {
  readonly event: 'closed';
  readonly client: number;
  /** Absent when the client had not logged in. */
  readonly name?: string;
  readonly reason: CloseReason;
  readonly address: string;
  /** How long the connection was open, to the millisecond. */
  readonly seconds: number;
}

/** The acts of operators. */
export type AdminAct =
  | 'kick'
  | 'ban'
  | 'unban'
  | 'mute'
  | 'unmute'
  | 'announce'
  | 'closeRoom'
  | 'drain'
  | 'cancelDrain'
  /** By `quietroom admin reload`. */
  | 'reload';

/** An operator did something, by `server.admin` or `quietroom admin`. */
export interface AdminEntry {
  readonly event: 'admin';
  readonly act: AdminAct;
  /** The name that was kicked, banned, muted or released. */
  readonly name?: string;
  /** The address or network that was banned or released. */
  readonly address?: string;
  /** For how long; absent without an end. */
  readonly seconds?: number;
  /** The number of users concerned. */
  readonly clients?: number;
}

export type Log = (entry: LogEntry) => void;

const SECURITY_CLOSINGS: readonly CloseReason[] = [
  'tlsFailed',
  'protocolError',
  'handshakeTimeout',
  'loginTimeout',
  'queueFull',
  'kicked',
  'banned',
  'junk',
];

/**
 * True for entries that a log of security events should hold: rejections, acts of operators, and connections that ended
 * because the client broke a rule or a limit, or an operator closed them.
 *
 * @example
 * const server = await QuietRoomServer.start({
 *   log: (entry) => isSecurityEntry(entry) && securityLog.write(`${JSON.stringify(entry)}\n`),
 * });
 */
export function isSecurityEntry(
  entry: LogEntry,
): entry is RefusedEntry | ClosedEntry | AdminEntry | FoldedEntry {
  if (entry.event === 'refused' || entry.event === 'admin') return true;
  if (entry.event !== 'closed' && entry.event !== 'folded') return false;
  return entry.reason !== undefined && SECURITY_CLOSINGS.includes(entry.reason);
}

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
