import { constants } from 'node:os';

/** npm and npx forward a Ctrl-C that the terminal has sent as well: one key, two signals. */
const SAME_KEY_MS = 300;

/**
 * Returns a controller that is aborted at the first SIGINT or SIGTERM. A second signal ends the process at once.
 *
 * @param options `needsOutput`: also abort when standard output cannot be written; default true
 */
export function listenForStop({
  needsOutput = true,
}: { readonly needsOutput?: boolean } = {}): AbortController {
  const stop = new AbortController();
  let askedAt = Infinity;
  stop.signal.addEventListener('abort', () => (askedAt = performance.now()), { once: true });

  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (!stop.signal.aborted) stop.abort();
    else if (performance.now() - askedAt > SAME_KEY_MS) process.exit(128 + constants.signals[signal]);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  if (needsOutput) process.stdout.once('error', () => stop.abort());
  return stop;
}

/** Resolves like the promise; with undefined when `stop` is aborted first. */
export function unlessStopped<T>(stop: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([promise, stopped]);
}
