/** Every error of this library has one of these codes; docs/errors.md says what each means and what to do. */
export const CONNECTOR_ERROR_CODES = [
  'ALREADY_CONNECTED',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_UNREADABLE',
  'COMMAND_INVALID',
  'CONNECT_CANCELLED',
  'CONNECT_TIMEOUT',
  'CONNECTION_LOST',
  'DH_KEY_INVALID',
  'DIAL_FAILED',
  'DISCONNECTED',
  'FILE_ANSWERED',
  'FILE_CANCELLED',
  'FILE_CHANGED',
  'FILE_DECLINED',
  'FILE_EMPTY',
  'FILE_EXISTS',
  'FILE_EXPIRED',
  'FILE_HASH_MISMATCH',
  'FILE_INTERRUPTED',
  'FILE_NAME_INVALID',
  'FILE_OFFLINE',
  'FILE_REFUSED',
  'FILE_SOURCE_FAILED',
  'FILE_TARGET_FAILED',
  'FILE_TIMED_OUT',
  'FILE_TOO_LARGE',
  'FILE_TOO_LONG',
  'FILE_TOO_SHORT',
  'HANDSHAKE_FAILED',
  'JOIN_REFUSED',
  'LOGIN_FAILED',
  'MESSAGE_EMPTY',
  'MESSAGE_TOO_LONG',
  'NAME_INVALID',
  'NAME_TAKEN',
  'NO_ANSWER',
  'NOT_CONNECTED',
  'NOT_IN_ROOM',
  'NOT_SUPPORTED',
  'OPTION_INVALID',
  'OPTION_UNKNOWN',
  'PASSWORD_INVALID',
  'PASSWORD_REQUIRED',
  'PASSWORD_WRONG',
  'PIN_MISMATCH',
  'PROTOCOL_VIOLATION',
  'QUEUE_EXPIRED',
  'QUEUE_FULL',
  'RECIPIENT_INVALID',
  'ROOM_LIMIT',
  'ROOM_NAME_INVALID',
  'ROOM_NOT_FOUND',
  'SERVER_SHUTDOWN',
  'SERVER_SILENT',
  'SIGNATURE_INVALID',
  'TLS_FAILED',
] as const;

export type ConnectorErrorCode = (typeof CONNECTOR_ERROR_CODES)[number];

/** The values that `message` names, for programs that write their own messages. */
export interface ErrorDetails {
  /** The option that was wrong, or that sets the limit that was reached: a key of the configuration or of a call. */
  readonly option?: string;
  /** The limit that was reached, in the unit of its option, or in bytes. */
  readonly limit?: number;
  /** How long was waited, in seconds. */
  readonly seconds?: number;
  /** The room that a call was about. */
  readonly room?: string;
  /** The name that the server or this library refused. */
  readonly username?: string;
  /** The stage at which a connection attempt timed out. */
  readonly stage?: string;
}

/**
 * The base of all errors of this library; `code` tells them apart.
 *
 * Two kinds of errors stay Node's own system errors, with their own codes: a missing `certFile`
 * (`ENOENT`) and failures of the network (`ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET` …).
 *
 * @example
 * try {
 *   await bot.connect();
 * } catch (error) {
 *   if (error instanceof ConnectorError && error.code === 'CONNECT_TIMEOUT') console.error(`No answer in ${error.seconds} s`);
 *   else throw error;
 * }
 */
export class ConnectorError extends Error implements ErrorDetails {
  override readonly name: string = 'ConnectorError';
  readonly code: ConnectorErrorCode;
  declare readonly option?: string;
  declare readonly limit?: number;
  declare readonly seconds?: number;
  declare readonly room?: string;
  declare readonly username?: string;
  declare readonly stage?: string;

  constructor(
    code: ConnectorErrorCode,
    message: string,
    { cause, ...details }: ErrorOptions & ErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, details);
  }
}

/** The server is not the pinned one, or cannot prove that it is. Never retry before a person has looked. */
export class SecurityError extends ConnectorError {
  override readonly name = 'SecurityError';
}

/** The server refused the name. */
export class LoginError extends ConnectorError {
  override readonly name = 'LoginError';
}

/** The server refused something about a room. */
export class RoomError extends ConnectorError {
  override readonly name = 'RoomError';
  declare readonly room: string;

  constructor(code: ConnectorErrorCode, room: string, message: string, options?: ErrorOptions) {
    super(code, message, { ...options, room });
  }
}

/** A file was not sent or not received. Of a file that was not received, nothing is left on the disk. */
export class FileTransferError extends ConnectorError {
  override readonly name = 'FileTransferError';
}

/** An established connection was lost. */
export class ConnectionLostError extends ConnectorError {
  override readonly name = 'ConnectionLostError';
}

/** An error of the operating system, as Node reports it; an AggregateError when every address of a host failed. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || error instanceof AggregateError);
}

/** The first line of an error's message; some of Node's errors have a code and no message. */
export function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n', 1);
  if (line !== '') return line;
  return 'code' in error ? String(error.code) : error.name;
}
