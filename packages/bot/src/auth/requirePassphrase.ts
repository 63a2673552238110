import { createHash, timingSafeEqual } from 'node:crypto';
import type { Handler } from '../composer/chain.js';
import type { Context } from '../context/context.js';
import { BotError } from '../errors.js';
import { requireSecret, type AuthorisationOptions } from './requireSecret.js';

/** A shorter passphrase could be guessed in spite of the limits. */
const LEAST_LENGTH = 12;

/**
 * Makes a handler that asks for a passphrase before it lets a message pass, once for each presence, in direct messages
 * only. The server can read the passphrase; `requireTotp` asks for codes that are worthless afterwards.
 *
 * @throws BotError `OPTION_INVALID` for a passphrase of less than 12 characters
 * @example
 * const admin = requirePassphrase(process.env.BOT_PASSPHRASE ?? '');
 * bot.command('restart', { use: admin }, (ctx) => ctx.reply('Restarting.'));
 */
export function requirePassphrase(
  passphrase: string,
  options: AuthorisationOptions = {},
): Handler<Context<unknown>> {
  if (passphrase.length < LEAST_LENGTH) {
    throw new BotError('OPTION_INVALID', `The passphrase must have at least ${LEAST_LENGTH} characters.`);
  }
  const expected = digest(passphrase);
  return requireSecret(
    {
      question: 'Passphrase?',
      refusal: 'That is not the passphrase.',
      // Digests have one length, so that the time does not depend on the answer.
      isRight: (answer) => timingSafeEqual(digest(answer.trim()), expected),
    },
    options,
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
