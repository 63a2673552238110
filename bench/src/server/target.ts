/** Where a server is, and its certificate. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly certPem: string;
}

/** A line of chat of the usual length. */
export function messageText(index: number): string {
  return `message ${String(index).padStart(6, '0')} of the benchmark, with a few words`;
}

/** Milliseconds since some moment that is the same for all processes. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
