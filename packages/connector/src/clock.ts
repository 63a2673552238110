import type { Clock } from '@quietroom/protocol';

/** The system's timers. */
export const systemClock: Clock = {
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  // A timer of this clock is what its setTimeout returned.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
