import { ServerError } from './errors.js';

/** Timers of more than 2^31 ms would fire at once in Node; some of ours are half as long again. */
const MAX_SECONDS = 1_000_000;

export function assertText(option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(option, 'a text that is not empty', value);
}

export function assertBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(option, 'true or false', value);
}

export function assertInteger(option: string, value: unknown, low: number, high: number): void {
  if (!Number.isInteger(value) || Number(value) < low || Number(value) > high) {
    throw invalid(option, `a whole number from ${low} to ${high}`, value);
  }
}

export function assertSeconds(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_SECONDS)) {
    throw invalid(option, `a number of seconds above 0 and up to ${MAX_SECONDS}`, value);
  }
}

export function assertOneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.some((one) => one === value)) throw invalid(option, `one of ${allowed.join(', ')}`, value);
}

export function assertObject(option: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalid(option, 'an object', value);
}

/** A function; or, with `methods`, an object that has them. */
export function assertFunctions(option: string, value: unknown, methods?: readonly string[]): void {
  if (methods === undefined) {
    if (typeof value !== 'function') throw invalid(option, 'a function', value);
    return;
  }
  assertObject(option, value);
  const missing = methods.find((method) => typeof Reflect.get(value, method) !== 'function');
  if (missing !== undefined) throw invalid(`${option}.${missing}`, 'a function', Reflect.get(value, missing));
}

/** Texts are not shown: one could be a private key. */
function invalid(option: string, expected: string, value: unknown): ServerError {
  const shown = typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
  return new ServerError('OPTION_INVALID', `The option ${option} must be ${expected}, not ${shown}.`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value === '') return 'an empty text';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? 'another text' : `a value of type ${typeof value}`;
}
