/** The codes of `BotError`. */
export type BotErrorCode =
  | 'ALREADY_STARTED'
  | 'DEFINITION_INVALID'
  | 'NEXT_CALLED_TWICE'
  | 'OPTION_INVALID'
  | 'ROOM_UNKNOWN'
  | 'SENDER_LEFT'
  | 'SESSION_MISSING'
  | 'STOPPING';

/** An error of this package; `code` tells them apart. Errors of the connection are those of `quietroom-connector`. */
export class BotError extends Error {
  override readonly name = 'BotError';
  readonly code: BotErrorCode;

  constructor(code: BotErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * An error whose message is for the person who wrote to the bot: throw it in a handler, and the bot replies with the
 * message. It does not go to `bot.catch`.
 *
 * @example
 * if (!hosts.has(ctx.args.host)) throw new ReplyError(`There is no host ${ctx.args.host}.`);
 */
export class ReplyError extends Error {
  override readonly name: string = 'ReplyError';
}

/** `ctx.ask` got no answer: the time is over, or the person cancelled. */
export class NoAnswerError extends ReplyError {
  override readonly name = 'NoAnswerError';
  readonly reason: 'timeout' | 'cancelled';

  constructor(reason: NoAnswerError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
