import type { Clock as Timers } from '@quietroom/protocol';

/** The clock of a server; tests use a fake one. */
export interface Clock extends Timers {
  /** Monotonic milliseconds. */
  now(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  // A timer of this clock is what its setTimeout returned.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** `HH:MM:SS` in the server's time zone, as in lobby and room messages. */
export function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
