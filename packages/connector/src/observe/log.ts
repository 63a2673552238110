import { summaryOf, type ConnectorErrorCode } from '../errors.js';
import type { StateChange } from './state.js';

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
    | 'singleWrites'
    | 'sendFailed'
    | 'fileSent'
    | 'fileReceived'
    | 'fileFailed'
    | 'steadyLeft'
    | 'steadyResumed';
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

/** The log entry for a change of state. */
export function stateEntry({ state, cause, attempt, delay }: StateChange, username: string): LogEntry {
  const why = cause === undefined ? '' : ` (${summaryOf(cause)})`;
  const code = codeOf(cause);
  switch (state) {
    case 'connecting':
      return { level: 'info', event: 'connecting', message: 'Connecting.', username };
    case 'connected':
      return {
        level: 'info',
        event: 'connected',
        message: `Connected as ${JSON.stringify(username)}.`,
        username,
      };
    case 'reconnecting':
      return {
        level: 'warn',
        event: 'reconnecting',
        message: `No connection${why}; attempt ${attempt} in ${delay?.toFixed(1)} s.`,
        ...code,
        ...(attempt === undefined ? {} : { attempt }),
        ...(delay === undefined ? {} : { delay }),
      };
    case 'disconnecting':
      return { level: 'debug', event: 'disconnecting', message: 'Disconnecting.' };
    case 'disconnected':
      return cause === undefined
        ? { level: 'info', event: 'disconnected', message: 'Disconnected.' }
        : {
            level: 'error',
            event: 'gaveUp',
            message: `There is no connection${why}, and none will be made.`,
            ...code,
          };
  }
}
