import { InvalidArgumentError } from 'commander';
import type { CoverMode, CoverOptions } from 'quietroom-connector';

/** A kind of value, on the command line, in the environment or in a file. */
export interface ValueKind<T> {
  /** Completes "It must be …". */
  readonly allowed: string;
  /** All values, when they are few texts. */
  readonly choices?: readonly string[];
  /** The same as a JSON schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Parses a text; undefined when it is invalid. */
  fromText(text: string): T | undefined;
  /** Checks a JSON value; undefined when it is invalid. */
  fromJson(value: unknown): T | undefined;
}

/** Makes a kind the parser of an option; invalid values are refused by commander. */
export function optionValue<T>(kind: ValueKind<T>): (text: string) => T {
  return (text) => {
    const value = kind.fromText(text);
    if (value === undefined) throw new InvalidArgumentError(`It must ${refusal(kind, text)}.`);
    return value;
  };
}

function refusal({ allowed }: ValueKind<unknown>, text: string): string {
  return text === '' ? 'not be empty' : `be ${allowed}`;
}

/** `low` and `high` are included. */
function wholeNumber(low: number, high: number): ValueKind<number> {
  const inRange = (number: number): number | undefined =>
    Number.isInteger(number) && number >= low && number <= high ? number : undefined;
  return {
    allowed: `a whole number from ${low} to ${high}`,
    schema: { type: 'integer', minimum: low, maximum: high },
    fromText: (text) => (/^\d{1,15}$/.test(text) ? inRange(Number(text)) : undefined),
    fromJson: (value) => (typeof value === 'number' ? inRange(value) : undefined),
  };
}

/** The port of a server to connect to. */
export const CONNECT_PORT = wholeNumber(1, 65535);

/** A port to listen on; 0 means any free one. */
export const LISTEN_PORT = wholeNumber(0, 65535);

export const SECONDS = wholeNumber(1, 3600);

/** A count. */
export const COUNT = wholeNumber(1, 1_000_000);

/** Bytes of a file. */
export const FILE_BYTES = wholeNumber(1, 999_999_999_999);

/** Commands that run at once. */
export const JOBS = wholeNumber(1, 100);

/** The most messages for one text. */
export const MESSAGES = wholeNumber(1, 1000);

/** A text that matches a pattern; by default any non-empty text. */
function textLike(
  allowed = 'a text that is not empty',
  pattern?: RegExp,
  normalize: (text: string) => string = (text) => text,
): ValueKind<string> {
  const fromText = (given: string): string | undefined =>
    given !== '' && (pattern === undefined || pattern.test(given)) ? normalize(given) : undefined;
  return {
    allowed,
    schema: { type: 'string', minLength: 1, ...(pattern && { pattern: pattern.source }) },
    fromText,
    fromJson: (value) => (typeof value === 'string' ? fromText(value) : undefined),
  };
}

export const TEXT = textLike();

export const FILE = textLike('the path of a file');

/** A host without port or scheme; two or more colons make it an IPv6 address. */
export const HOST = textLike(
  'a host name or an IP address, without protocol and port',
  /^(?:[^/:\s]+|[^/\s]*:[^/\s]*:[^/\s]*)$/,
  // As in URLs: `[::1]`.
  (host) => host.replace(/^\[(.*:.*)\]$/, '$1'),
);

/** One of a few texts. */
export function oneOf<const T extends string>(...choices: readonly T[]): ValueKind<T> {
  const find = (given: unknown): T | undefined => choices.find((one) => one === given);
  return {
    allowed: choices.map((one) => JSON.stringify(one)).join(' or '),
    choices,
    schema: { enum: choices },
    fromText: find,
    fromJson: find,
  };
}

/** A list of texts; on the command line and in variables with commas between them. */
export const LIST: ValueKind<readonly string[]> = {
  allowed: 'a list of texts that are not empty, with commas between them',
  schema: { type: 'array', items: { type: 'string', minLength: 1 } },
  fromText: (given) => {
    const parts = given.split(',').map((part) => part.trim());
    return parts.every((part) => part !== '') ? parts : undefined;
  },
  fromJson: (value) =>
    Array.isArray(value) && value.every((one): one is string => typeof one === 'string' && one !== '')
      ? value
      : undefined,
};

export const FLAG: ValueKind<boolean> = {
  allowed: 'true or false',
  schema: { type: 'boolean' },
  fromText: (given) => {
    if (given === 'true' || given === '1') return true;
    return given === 'false' || given === '0' ? false : undefined;
  },
  fromJson: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** A period of the day, which may cross midnight. */
export const HOURS = textLike(
  'a span of the day such as 22:00-07:00, or none',
  /^(?:none|(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d)$/,
);

/** The connector's option `cover`: a mode, or an object; as a text, `steady` can be followed by its options. */
export const COVER: ValueKind<CoverMode | CoverOptions> = {
  allowed:
    'decoys, or steady with its options: the seconds from 0.1 to 10, and answers, such as steady:0.5:answers; in a file also an object such as { "mode": "steady", "interval": 0.5, "answers": true }',
  schema: {
    oneOf: [
      { enum: ['decoys', 'steady'] },
      { type: 'string', pattern: '^steady(:\\d+(\\.\\d+)?)?(:answers)?$' },
      {
        type: 'object',
        properties: {
          mode: { enum: ['decoys', 'steady'] },
          interval: { type: 'number', minimum: 0.1, maximum: 10 },
          answers: { type: 'boolean' },
        },
        required: ['mode'],
        additionalProperties: false,
      },
    ],
  },
  fromText: coverFromText,
  fromJson(value) {
    if (typeof value === 'string') return coverFromText(value);
    if (typeof value !== 'object' || value === null) return undefined;
    const { mode, interval = 1, answers = false, ...others } = value as Partial<CoverOptions>;
    const isMode = mode === 'decoys' || mode === 'steady';
    const isInterval = typeof interval === 'number' && interval >= 0.1 && interval <= 10;
    if (!isMode || !isInterval || typeof answers !== 'boolean' || Object.keys(others).length > 0)
      return undefined;
    return { mode, interval, answers };
  },
};

function coverFromText(text: string): CoverMode | CoverOptions | undefined {
  if (text === 'decoys' || text === 'steady') return text;
  const match = /^steady(?::(\d+(?:\.\d+)?))?(:answers)?$/.exec(text);
  if (match === null) return undefined;
  const [, seconds = '1', answers] = match;
  return COVER.fromJson({ mode: 'steady', interval: Number(seconds), answers: answers !== undefined });
}
