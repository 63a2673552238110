import { isSecurityEntry, type LogEntry } from '@quietroom/server';

/** The entries in the log of `quietroom serve`: those of the server and those of the command. */
export type ServeEntry =
  | LogEntry
  /** The folder holds no identity yet. */
  | { readonly event: 'makingIdentity'; readonly folder: string }
  /** Clients can connect; `sha256` is the fingerprint of the certificate to pin. */
  | {
      readonly event: 'serving';
      readonly protocolVersion: string;
      readonly certificate: string;
      readonly sha256: string;
    }
  /** `quietroom admin` can be used. */
  | { readonly event: 'adminSocket'; readonly path: string }
  /** The folder takes no socket, so that `quietroom admin` cannot be used; `code` is Node's. */
  | { readonly event: 'adminSocketFailed'; readonly path: string; readonly code: string }
  | { readonly event: 'metrics'; readonly host: string; readonly port: number }
  /** SIGHUP: the configuration was reloaded; `isThere` is false without a file. */
  | { readonly event: 'configRead'; readonly file: string; readonly isThere: boolean }
  /** An unknown key. */
  | { readonly event: 'configKeyUnknown'; readonly key: string }
  /** SIGHUP: the file is invalid; the configuration stays unchanged. */
  | { readonly event: 'configInvalid'; readonly problem: string }
  /** SIGHUP: changed keys that need a restart, separated by blanks. */
  | { readonly event: 'restartNeeded'; readonly keys: string }
  /** SIGHUP: a log file cannot be reopened; the old one stays in use. */
  | { readonly event: 'reopenFailed'; readonly file: string; readonly code: string };

export type Level = 'info' | 'warn' | 'error';

export function levelOf(entry: ServeEntry): Level {
  switch (entry.event) {
    case 'acceptFailed':
    case 'callbackFailed':
    case 'configInvalid':
    case 'reopenFailed':
      return 'error';
    case 'adminSocketFailed':
    case 'descriptorLimit':
    case 'configKeyUnknown':
    case 'restartNeeded':
      return 'warn';
    case 'refused':
      return 'warn';
    case 'closed':
    case 'folded':
      if (entry.reason === 'internalError') return 'error';
      return isSecurityEntry(entry) ? 'warn' : 'info';
    default:
      return 'info';
  }
}

/** True for entries of the security log. */
export function isAboutSecurity(entry: ServeEntry): boolean {
  return (
    (entry.event === 'refused' ||
      entry.event === 'closed' ||
      entry.event === 'folded' ||
      entry.event === 'admin') &&
    isSecurityEntry(entry)
  );
}
