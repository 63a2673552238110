import { BotError } from '../errors.js';

const SECONDS_PER_UNIT = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The longest duration, in seconds: Node fires timers of more than 2^31 ms at once. */
const MAX_SECONDS = 2_000_000;

/** Seconds, or a number with one of the units `s`, `m`, `h` and `d`, such as `'5 m'`. */
export type Duration = number | `${number}${'' | ' '}${keyof typeof SECONDS_PER_UNIT}`;

/** The seconds in a text such as `90 s` or `1.5h`; undefined for any other text. */
export function parseSeconds(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([smhd])$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  // The pattern takes only these four.
  return Number(amount) * SECONDS_PER_UNIT[unit as keyof typeof SECONDS_PER_UNIT];
}

/** @throws BotError `OPTION_INVALID` */
export function durationMs(option: string, duration: Duration): number {
  const seconds = typeof duration === 'number' ? duration : parseSeconds(duration);
  if (seconds === undefined || !(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new BotError(
      'OPTION_INVALID',
      `${option} must be a number of seconds above 0 and up to ${MAX_SECONDS}, or a text such as '5 m'.`,
    );
  }
  return seconds * 1000;
}
