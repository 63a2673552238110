import { ReplyError } from '../errors.js';
import { parseSeconds } from '../time/duration.js';

/** An argument of a command, which gives its handler a `T`. Made by the functions of `arg`. */
export interface Argument<T> {
  /** `word`: the next word; `rest`: all that is left; `flag`: `--name`, anywhere before the rest. */
  readonly kind: 'word' | 'rest' | 'flag';
  readonly isRequired: boolean;
  /** The value when the argument is missing; unused when it is required. */
  readonly absent: T | undefined;
  /** For the help. */
  readonly about: string | undefined;
  /** The possible words, for the usage line. */
  readonly choices?: readonly string[];
  /** Completes the sentence "NAME must be …". */
  readonly requirement: string;
  /** Undefined when the word is not valid. */
  readonly parse: (text: string) => T | undefined;
}

/** Options of every argument but flags. */
export interface ArgumentOptions<T> {
  /** One line for `!help COMMAND`. */
  about?: string;
  /** It may be left out; the handler then gets undefined. Default false. */
  optional?: boolean;
  /** The value when the argument is missing. */
  default?: T;
}

interface NumberOptions extends ArgumentOptions<number> {
  min?: number;
  max?: number;
}

/** `undefined`, when the options say that the argument may be missing without a default. */
type Missing<O> = O extends { default: unknown } ? never : O extends { optional: true } ? undefined : never;

function argument<T, O extends ArgumentOptions<T>>(
  options: O | undefined,
  rest: Pick<Argument<T>, 'kind' | 'requirement' | 'parse' | 'choices'>,
): Argument<T | Missing<O>> {
  return {
    ...rest,
    isRequired: options?.default === undefined && options?.optional !== true,
    absent: options?.default,
    about: options?.about,
  };
}

function range({ min = -Infinity, max = Infinity }: NumberOptions): string {
  if (min > -Infinity && max < Infinity) return ` from ${min} to ${max}`;
  if (min > -Infinity) return ` of at least ${min}`;
  return max < Infinity ? ` of at most ${max}` : '';
}

function inRange(value: number, { min = -Infinity, max = Infinity }: NumberOptions): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/**
 * The kinds of arguments. Words are taken in the order of the definition.
 *
 * @example
 * bot.command('deploy', { args: { host: arg.text(), retries: arg.integer({ min: 0, default: 2 }), force: arg.flag() } }, (ctx) => {
 *   ctx.args.host; // string
 *   ctx.args.retries; // number
 *   ctx.args.force; // boolean
 * });
 */
export const arg = {
  /** One word, or several in quotation marks. */
  text<const O extends ArgumentOptions<string>>(options?: O): Argument<string | Missing<O>> {
    return argument<string, O>(options, { kind: 'word', requirement: 'a text', parse: (text) => text });
  },

  /** All the rest of the message, as it was written. It must be the last argument. */
  rest<const O extends ArgumentOptions<string>>(options?: O): Argument<string | Missing<O>> {
    return argument<string, O>(options, { kind: 'rest', requirement: 'a text', parse: (text) => text });
  },

  /** A whole number; `min` and `max` are included. */
  integer<const O extends NumberOptions>(options?: O): Argument<number | Missing<O>> {
    return argument<number, O>(options, {
      kind: 'word',
      requirement: `a whole number${range(options ?? {})}`,
      parse: (text) => (/^[-+]?\d{1,15}$/.test(text) ? inRange(Number(text), options ?? {}) : undefined),
    });
  },

  /** A number such as `-1.5`; `min` and `max` are included. */
  number<const O extends NumberOptions>(options?: O): Argument<number | Missing<O>> {
    return argument<number, O>(options, {
      kind: 'word',
      requirement: `a number${range(options ?? {})}`,
      parse: (text) =>
        /^[-+]?\d{1,15}(\.\d+)?$/.test(text) ? inRange(Number(text), options ?? {}) : undefined,
    });
  },

  /** A duration such as `90s`, `5m` or `"2 h"`; the handler gets seconds. */
  duration<const O extends ArgumentOptions<number>>(options?: O): Argument<number | Missing<O>> {
    return argument<number, O>(options, {
      kind: 'word',
      requirement: 'a duration such as 90s, 5m, 2h or 1d',
      parse: parseSeconds,
    });
  },

  /** One of these words; case does not matter. */
  choice<const C extends string, const O extends ArgumentOptions<NoInfer<C>>>(
    choices: readonly C[],
    options?: O,
  ): Argument<C | Missing<O>> {
    return argument<C, O>(options, {
      kind: 'word',
      choices,
      requirement: `one of ${choices.join(', ')}`,
      parse: (text) => choices.find((choice) => choice.toLowerCase() === text.toLowerCase()),
    });
  },

  /** `--name`: true when it is given. */
  flag({ about }: { about?: string } = {}): Argument<boolean> {
    return {
      kind: 'flag',
      isRequired: false,
      absent: false,
      about,
      requirement: 'a flag',
      parse: () => true,
    };
  },

  /**
   * A word that `parse` turns into a value; undefined from it means that the word is not valid.
   * `requirement` completes the sentence "NAME must be …".
   */
  custom<T, const O extends ArgumentOptions<T>>(
    requirement: string,
    parse: (text: string) => T | undefined,
    options?: O,
  ): Argument<T | Missing<O>> {
    return argument<T, O>(options, { kind: 'word', requirement, parse });
  },
};

/** The arguments of a command by name. */
export type ArgumentDefinitions = Readonly<Record<string, Argument<unknown>>>;

/** What a handler gets for them. */
export type ArgumentValues<D extends ArgumentDefinitions> = {
  readonly [K in keyof D]: D[K] extends Argument<infer T> ? T : never;
};

/** The value of a word. @throws ReplyError when the word is not valid */
export function valueOf(name: string, { parse, requirement }: Argument<unknown>, word: string): unknown {
  const value = parse(word);
  if (value === undefined) {
    throw new ReplyError(`${name} must be ${requirement}, not ${JSON.stringify(word)}.`);
  }
  return value;
}
