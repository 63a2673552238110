/** The mistakes that a program with an embedded server can make. */
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
  /** The list of bans in the identity folder cannot be read. */
  | 'BANS_INVALID'
  /** `server.admin.unban`: there is no such ban. */
  | 'BAN_UNKNOWN'
  /** `server.admin.unmute`: the name is not muted. */
  | 'MUTE_UNKNOWN'
  /** `server.admin.closeRoom`: there is no such room. */
  | 'ROOM_UNKNOWN'
  /** `server.admin.kick` or `server.faults` was asked to do something to a user who is not online. */
  | 'USER_UNKNOWN'
  /** `server.faults` was asked to restart a server that is closed. */
  | 'SERVER_CLOSED';

/**
 * An invalid request to the server; `code` tells the cases apart. Network and file errors, such as `EADDRINUSE` and
 * `EACCES`, stay Node's own errors.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;
  /** The option that is invalid or unknown. */
  readonly option: string | undefined;
  /** What it must be, such as `must be true or false, not 1`: the message without the name of the option. */
  readonly requirement: string | undefined;

  constructor(
    code: ServerErrorCode,
    message: string,
    {
      cause,
      option,
      requirement,
    }: ErrorOptions & Partial<Record<'option' | 'requirement', string | undefined>> = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.option = option;
    this.requirement = requirement;
  }
}
