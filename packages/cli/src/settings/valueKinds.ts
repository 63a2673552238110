import { InvalidArgumentError } from 'commander';

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
