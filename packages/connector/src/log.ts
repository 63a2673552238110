import type { ConnectorErrorCode } from './errors.js';

/** Something that happened to a connector. Without the text of any message. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event:
    | 'connecting'
    | 'connected'
    | 'disconnecting'
    | 'disconnected'
    | 'reconnecting'
    | 'gaveUp'
    | 'nameTaken'
    | 'rejoined'
    | 'rejoinFailed'
    | 'probing'
    | 'sendFailed';
  /** The same for a person, in one sentence. */
  readonly message: string;
  /** Of the error that is behind it: one of ours, or Node's. */
  readonly code?: ConnectorErrorCode | (string & {});
  readonly username?: string;
  readonly room?: string;
  /** Which attempt it is since the connection was last stable. */
  readonly attempt?: number;
  /** Seconds until that attempt. */
  readonly delay?: number;
}

/** Takes what a connector has to say about its work. */
export type Log = (entry: LogEntry) => void;

/** The code of an error, if it has one. */
export function codeOf(error: unknown): { code?: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return {};
  return { code: error.code };
}
