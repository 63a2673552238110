/** The clock of timers; tests use a fake one. */
export interface Clock {
  setTimeout(callback: () => void, ms: number): unknown;
  /** Cancels a timer returned by `setTimeout`. */
  clearTimeout(timer: unknown): void;
}

/**
 * When a connection writes, and what it writes besides its messages:
 *
 * - `DecoyCover`: messages at once, and random packets at intervals
 * - `SteadyCover`: one cell per interval, always
 */
export interface Cover {
  start(): void;
  /** Sends no cover by itself any more, and still sends what waits. For a connection that is about to end. */
  finish(): void;
  /** Ends it: what waits is sent at once. */
  stop(): void;
}
