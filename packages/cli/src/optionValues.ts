import { InvalidArgumentError } from 'commander';

/** The port of a server to connect to. */
export function connectPort(value: string): number {
  return wholeNumber(value, 1, 65535);
}

/** A port to listen on; 0 means any free one. */
export function listenPort(value: string): number {
  return wholeNumber(value, 0, 65535);
}

export function seconds(value: string): number {
  return wholeNumber(value, 1, 3600);
}

export function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  return value;
}

function wholeNumber(value: string, low: number, high: number): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (number >= low && number <= high) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
}
