import type { Handler } from '../composer/chain.js';
import type { Context } from '../context/context.js';
import { BotError } from '../errors.js';
import { requireSecret, type AuthorisationOptions } from './requireSecret.js';

/** The period of a code, in milliseconds. Authenticator apps use no other. */
const PERIOD_MS = 30_000;

/** Codes of the period before and after the present one are taken, too: clocks differ. */
const WINDOW = 1;

/**
 * Makes a handler that asks for a one-time code (TOTP, six digits, as authenticator apps show it) before it lets a
 * message pass, once for each presence, in direct messages only. Each code is taken once, by this handler: use one
 * handler for all commands.
 *
 * @param secret of at least 16 characters in base32, the same as in the app
 * @throws BotError `OPTION_INVALID`
 * @example
 * const admin = requireTotp(process.env.BOT_TOTP_SECRET ?? '');
 * bot.command('restart', { use: admin }, (ctx) => ctx.reply('Restarting.'));
 */
export function requireTotp(secret: string, options: AuthorisationOptions = {}): Handler<Context<unknown>> {
  const base32 = secret.replaceAll(/[\s=-]/g, '').toUpperCase();
  if (!/^[A-Z2-7]{16,}$/.test(base32)) {
    throw new BotError(
      'OPTION_INVALID',
      'The TOTP secret must have at least 16 characters in base32: A-Z and 2-7.',
    );
  }
  let lastUsed = -Infinity;
  return requireSecret(
    {
      question: 'One-time code?',
      refusal: 'That is not the code, or it has been used. Wait for the next one.',
      async isRight(answer, date) {
        // Most bots never ask for a code.
        const { Secret, TOTP } = await import('otpauth');
        const token = answer.replaceAll(/\s/g, '');
        const timestamp = date.getTime();
        const delta = TOTP.validate({ token, secret: Secret.fromBase32(base32), timestamp, window: WINDOW });
        if (delta === null) return false;
        const period = Math.floor(timestamp / PERIOD_MS) + delta;
        if (period <= lastUsed) return false;
        lastUsed = period;
        return true;
      },
    },
    options,
  );
}
