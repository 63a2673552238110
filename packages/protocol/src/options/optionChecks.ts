/** Checks of options. Connector and server share them, so that both report problems in the same words. */

/** An invalid or unknown option. Each package converts it into an error of its own. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly code: 'OPTION_INVALID' | 'OPTION_UNKNOWN';
  /** Its name; undefined when the options as a whole are wrong. */
  readonly option: string | undefined;
  /** The message without the name, such as `must be true or false, not 1`; undefined for other problems. */
  readonly requirement: string | undefined;

  constructor(code: OptionError['code'], message: string, option?: string, requirement?: string) {
    super(message);
    this.code = code;
    this.option = option;
    this.requirement = requirement;
  }
}

/** Timers of more than 2^31 ms would fire at once in Node; some of ours are half as long again. */
export const MAX_SECONDS = 1_000_000;

/**
 * The options given over their defaults; one that is given as undefined means its default.
 *
 * @throws OptionError `OPTION_UNKNOWN`, with the nearest known name if there is one; `OPTION_INVALID`
 */
export function withDefaults<T extends object>(defaults: T, given: object): T {
  if (typeof given !== 'object' || given === null) {
    throw new OptionError('OPTION_INVALID', `The options must be an object, not ${kindOf(given)}.`);
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name)) throw unknown(name, Object.keys(defaults));
  }
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/** @throws OptionError `OPTION_INVALID`, as all that follow */
export function assertText(option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(option, 'a text that is not empty', value);
}

export function assertBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(option, 'true or false', value);
}

/** `low` and `high` are included. */
export function assertInteger(option: string, value: unknown, low: number, high: number): void {
  if (!Number.isInteger(value) || Number(value) < low || Number(value) > high) {
    throw invalid(option, `a whole number from ${low} to ${high}`, value);
  }
}

/** Two integers from 0 to `high`; the second must not be smaller. */
export function assertRange(
  minOption: string,
  min: unknown,
  maxOption: string,
  max: unknown,
  high: number,
): void {
  assertInteger(minOption, min, 0, high);
  assertInteger(maxOption, max, 0, high);
  if (Number(min) > Number(max)) {
    const limit = (name: string): string => `at least ${name}, which is ${Number(min)}`;
    throw invalid(maxOption, limit(minOption), max, limit('the minimum'));
  }
}

export function assertSeconds(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_SECONDS)) {
    throw invalid(option, `a number of seconds above 0 and up to ${MAX_SECONDS}`, value);
  }
}

export function assertOneOf(option: string, value: unknown, allowed: readonly string[]): void {
  const names = allowed.map((one) => JSON.stringify(one)).join(', ');
  if (!allowed.some((one) => one === value)) throw invalid(option, `one of ${names}`, value);
}

export function assertObject(option: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalid(option, 'an object', value);
}

export function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(option, 'a function', value);
}

export function assertMethods(option: string, value: unknown, methods: readonly string[]): void {
  assertObject(option, value);
  for (const method of methods) assertFunction(`${option}.${method}`, Reflect.get(value, method));
}

/** Texts are not shown: one could be a private key. */
function invalid(
  option: string,
  expected: string,
  value: unknown,
  /** Without names of other options. */
  expectedUnnamed = expected,
): OptionError {
  const shown = typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
  return new OptionError(
    'OPTION_INVALID',
    `The option ${option} must be ${expected}, not ${shown}.`,
    option,
    `must be ${expectedUnnamed}, not ${shown}`,
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value === '') return 'an empty text';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'this text' : `a value of type ${typeof value}`;
}

function unknown(name: string, known: readonly string[]): OptionError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return new OptionError('OPTION_UNKNOWN', `There is no option ${JSON.stringify(name)}.${hint}`, name);
}

/** The name most like `word`, or undefined when none is much like it. */
function nearestName(word: string, names: readonly string[]): string | undefined {
  const plain = simplify(word);
  let nearest: string | undefined;
  let least = Math.ceil(plain.length / 3) + 1;
  for (const name of names) {
    const distance = isPart(plain, simplify(name)) ? 1 : editDistance(plain, simplify(name));
    if (distance >= least) continue;
    nearest = name;
    least = distance;
  }
  return nearest;
}

/** The option that was probably meant, such as `serverPort` for `port`; undefined if too few letters match. */
function isPart(a: string, b: string): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  return shorter.length >= 4 && shorter.length * 3 >= longer.length && longer.includes(shorter);
}

/** Other ways of joining words are no difference. */
function simplify(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** How many characters must be put in, taken out or changed to make `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
