import { constants } from 'node:os';

/** npm and npx pass on a Ctrl-C that the terminal has sent already: one key, two signals. */
const SAME_KEY_MS = 300;

/**
 * Is aborted when the command shall end: at the first SIGINT or SIGTERM, or when nobody reads standard output
 * any more. A later signal ends the process at once.
 */
export function listenForStop(): AbortController {
  const stop = new AbortController();
  let askedAt = Infinity;
  stop.signal.addEventListener('abort', () => (askedAt = performance.now()), { once: true });

  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (!stop.signal.aborted) stop.abort();
    else if (performance.now() - askedAt > SAME_KEY_MS) process.exit(128 + constants.signals[signal]);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.once('error', () => stop.abort());
  return stop;
}

/** What the promise resolves with; undefined when the stop comes first. */
export function unlessStopped<T>(stop: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([promise, stopped]);
}
