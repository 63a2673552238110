import type { Clock as Timers } from '@quietroom/protocol';

/** Where a server takes its time from; another one makes tests quick. */
export interface Clock extends Timers {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  // A timer of this clock is what its setTimeout returned.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** `HH:MM:SS` in the server's time zone, as lobby and room messages carry it. */
export function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
