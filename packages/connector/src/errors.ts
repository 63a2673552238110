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
  'ROOM_NAME_INVALID',
  'ROOM_NOT_FOUND',
  'SERVER_SHUTDOWN',
  'SERVER_SILENT',
  'SIGNATURE_INVALID',
  'TLS_FAILED',
] as const;

export type ConnectorErrorCode = (typeof CONNECTOR_ERROR_CODES)[number];

/**
 * The base of all errors of this library; `code` tells them apart.
 *
 * Two kinds of errors stay Node's own system errors, with their own codes: a missing `certFile`
 * (`ENOENT`) and failures of the network (`ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET` …).
 */
export class ConnectorError extends Error {
  override readonly name: string = 'ConnectorError';
  readonly code: ConnectorErrorCode;

  constructor(code: ConnectorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The server is not the one that was pinned, or does not prove it. Never retry without a person looking. */
export class SecurityError extends ConnectorError {
  override readonly name = 'SecurityError';
}

/** The server refused the name. */
export class LoginError extends ConnectorError {
  override readonly name = 'LoginError';
}

/** The server refused something about a room; `room` says which. */
export class RoomError extends ConnectorError {
  override readonly name = 'RoomError';
  readonly room: string;

  constructor(code: ConnectorErrorCode, room: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.room = room;
  }
}

/** A file was not sent, or not received. Of one that was not received, nothing is left behind. */
export class FileTransferError extends ConnectorError {
  override readonly name = 'FileTransferError';
}

/** An established connection is gone. */
export class ConnectionLostError extends ConnectorError {
  override readonly name = 'ConnectionLostError';
}

/** One that Node took from the system; an AggregateError when each address of a host failed. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || error instanceof AggregateError);
}

/** What an error says, in a line; some of Node's have no text but a code. */
export function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n', 1);
  if (line !== '') return line;
  return 'code' in error ? String(error.code) : error.name;
}
