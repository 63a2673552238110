import type { Clock } from 'quietroom-connector';

/** The system's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  // A timer of this clock is what its setTimeout returned.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** The reason of a signal whose time limit has passed. */
export class TimeUpError extends Error {
  override readonly name = 'TimeUpError';
}

/**
 * Runs `work` for at most `seconds`; its signal is aborted then, or with the given signal.
 *
 * @throws TimeUpError; the reason of the given signal; what `work` throws
 */
export async function withinSeconds<T>(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  seconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const attempt = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason), { once: true });
  });
  const stop = (): void => attempt.abort(signal.reason);
  const timer = clock.setTimeout(
    () => attempt.abort(new TimeUpError(`${seconds} s are over.`)),
    seconds * 1000,
  );
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([stopped, work(attempt.signal)]);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
