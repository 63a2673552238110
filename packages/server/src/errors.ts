/** What an embedder of the server can do wrong. */
export type ServerErrorCode =
  /** An option has a value that it cannot have. */
  | 'OPTION_INVALID'
  /** There is no option of this name. */
  | 'OPTION_UNKNOWN'
  /** Only one of the two files of an identity is there. */
  | 'IDENTITY_INCOMPLETE'
  /** The certificate and the private key do not belong together. */
  | 'IDENTITY_MISMATCH'
  /** The certificate or the private key cannot be read, or is not for RSA. */
  | 'IDENTITY_INVALID'
  /** `server.faults` was asked to do something to a user who is not online. */
  | 'USER_UNKNOWN'
  /** `server.faults` was asked to restart a server that is closed. */
  | 'SERVER_CLOSED';

/**
 * What a server is asked for and cannot be; `code` tells the cases apart. Failures of the network and of the
 * file system, such as `EADDRINUSE` and `EACCES`, stay Node's own errors.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
