import { isSecurityEntry, type LogEntry } from '@quietroom/server';

/** What the log of `quietroom serve` tells: what the server does, and what the command does around it. */
export type ServeEntry =
  | LogEntry
  /** There is no identity in the folder yet. */
  | { readonly event: 'makingIdentity'; readonly folder: string }
  /** Clients can connect; `sha256` is the fingerprint of the certificate that they pin. */
  | {
      readonly event: 'serving';
      readonly generation: string;
      readonly certificate: string;
      readonly sha256: string;
    }
  | { readonly event: 'metrics'; readonly host: string; readonly port: number }
  /** SIGHUP: the configuration was read again; `isThere` is false when there is no file. */
  | { readonly event: 'configRead'; readonly file: string; readonly isThere: boolean }
  /** A key that means nothing here. */
  | { readonly event: 'configKeyUnknown'; readonly key: string }
  /** SIGHUP: the file cannot be used; the server stays as it was. */
  | { readonly event: 'configInvalid'; readonly problem: string }
  /** SIGHUP: these keys have changed, and only a start can follow; separated by blanks. */
  | { readonly event: 'restartNeeded'; readonly keys: string }
  /** SIGHUP: a log file cannot be opened anew; the old one stays in use. */
  | { readonly event: 'reopenFailed'; readonly file: string; readonly code: string };

export type Level = 'info' | 'warn' | 'error';

export function levelOf(entry: ServeEntry): Level {
  switch (entry.event) {
    case 'acceptFailed':
    case 'callbackFailed':
    case 'configInvalid':
    case 'reopenFailed':
      return 'error';
    case 'configKeyUnknown':
    case 'restartNeeded':
      return 'warn';
    case 'refused':
      return 'warn';
    case 'closed':
      if (entry.reason === 'internalError') return 'error';
      return isSecurityEntry(entry) ? 'warn' : 'info';
    default:
      return 'info';
  }
}

/** True for what the security log holds. */
export function isAboutSecurity(entry: ServeEntry): boolean {
  return (entry.event === 'refused' || entry.event === 'closed') && isSecurityEntry(entry);
}
