import type { CloseReason, RejectionReason, TransferEnd } from './reasons.js';

/** Details of why a connection ended. */
export interface CloseDetails {
  readonly code?: string;
  readonly error?: unknown;
}

/**
 * An entry for the `log` hook. `client` numbers the connections of a server, from 1. Of the text that users write,
 * entries hold only names, which consist of `A-Z a-z 0-9 space _ - .`.
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

/** The transfer of an accepted file has ended. */
export interface TransferEntry {
  readonly event: 'transfer';
  readonly end: TransferEnd;
  readonly sender: string;
  readonly recipient: string;
  /** Bytes that were relayed. */
  readonly bytes: number;
  /** Since it was accepted, to the millisecond. */
  readonly seconds: number;
}

/**
 * The number of further entries of one kind in the last minute: see `logEntriesPerMinute`. The kind is the event, and
 * for `closed` also the reason.
 */
export interface FoldedEntry {
  readonly event: 'folded';
  /** The event of the entries. */
  readonly of: 'connected' | 'joined' | 'transfer' | 'closed' | 'acceptFailed' | 'callbackFailed';
  /** The reason of `closed`. */
  readonly reason?: CloseReason;
  /**
   * The address of the clients that caused them; of an IPv6 network, that of the first entry. `others` when there were
   * too many addresses to count separately. Absent for events without an address.
   */
  readonly address?: string;
  readonly times: number;
}

/**
 * Something was refused because of a limit. For each reason and address there is one entry at once, and one more at
 * the end of the minute that counts the others: a flood cannot fill the log.
 */
export interface RefusedEntry {
  readonly event: 'refused';
  readonly reason: RejectionReason;
  /** Of the client; `others` when there were too many addresses in this minute to count separately. */
  readonly address: string;
  /** The number of refusals. */
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

/** The actions of operators. */
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

/** Catches the errors of a log hook: only the entry is lost. */
export function guardLog(log: Log): Log {
  return (entry) => {
    try {
      log(entry);
    } catch {
      // There is nowhere else to report it.
    }
  };
}

/** The code of a Node error, or `UNKNOWN`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
