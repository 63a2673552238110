import type { Handler } from '../composer/chain.js';
import type { Context } from '../context/context.js';
import { BotError, ReplyError } from '../errors.js';
import type { Presence } from '../presence/presence.js';

/** Limits of `requirePassphrase` and `requireTotp`. */
export interface AuthorisationOptions {
  /** Wrong answers of one presence; then it is refused until it leaves the server. Default 3. */
  tries?: number;
  /**
   * Wrong answers of all together within `lockout`; then nobody is asked for that long, because names cost nothing.
   * Those who are authorised already are not concerned. Default 10.
   */
  triesForAll?: number;
  /** Seconds. Default 600. */
  lockout?: number;
  /** Seconds that the authorisation lasts, unless the name leaves or the bot loses its connection before. Default 3600. */
  validFor?: number;
  /** The time of day, for tests. Default: the system's. */
  date?: () => Date;
}

/** The kind of secret. */
export interface Secret {
  readonly question: string;
  readonly refusal: string;
  readonly isRight: (answer: string, date: Date) => boolean | Promise<boolean>;
}

/**
 * Makes a handler that lets only those pass who gave the secret, once for each presence. It asks in direct messages only.
 *
 * @throws BotError `OPTION_INVALID`
 */
export function requireSecret(
  { question, refusal, isRight }: Secret,
  options: AuthorisationOptions,
): Handler<Context<unknown>> {
  const { tries = 3, triesForAll = 10, lockout = 600, validFor = 3600, date = () => new Date() } = options;
  for (const [name, value] of Object.entries({ tries, triesForAll, lockout, validFor })) {
    if (!(typeof value === 'number' && value > 0)) {
      throw new BotError('OPTION_INVALID', `The option ${name} must be a number above 0.`);
    }
  }
  const key = {};
  const wrongBySender = new WeakMap<Presence, number>();
  const failures = new Failures(triesForAll, lockout * 1000);

  return async (ctx, next) => {
    const { presence } = ctx;
    if (presence.isGranted(key, date().getTime())) return next();
    if (ctx.type !== 'dm') throw new ReplyError('Send me this as a direct message.');
    assertMayTry();
    const answer = await ctx.ask(question);
    // Others may have used up the tries meanwhile.
    assertMayTry();
    // Counted before the check, which takes time: tries in other messages must not overtake it.
    const wrong = wrongBySender.get(presence) ?? 0;
    wrongBySender.set(presence, wrong + 1);
    failures.add(date().getTime());
    if (!(await isRight(answer, date()))) throw new ReplyError(refusal);
    wrongBySender.set(presence, wrong);
    failures.removeLast();
    presence.grant(key, date().getTime() + validFor * 1000);
    await next();

    function assertMayTry(): void {
      const isLocked = failures.areTooMany(date().getTime()) || (wrongBySender.get(presence) ?? 0) >= tries;
      if (isLocked) throw new ReplyError('Too many wrong answers. Try again later.');
    }
  };
}

/** The wrong answers of the last time. */
class Failures {
  readonly #limit: number;
  readonly #periodMs: number;
  #times: number[] = [];

  constructor(limit: number, periodMs: number) {
    this.#limit = limit;
    this.#periodMs = periodMs;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }

  removeLast(): void {
    this.#times.pop();
  }

  areTooMany(nowMs: number): boolean {
    this.#times = this.#times.filter((time) => nowMs - time < this.#periodMs);
    return this.#times.length >= this.#limit;
  }
}
