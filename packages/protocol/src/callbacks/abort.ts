interface Listening {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** The callbacks of each signal. */
const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls back once when the signal aborts, at once if it already has; returns a function that stops listening. All
 * callbacks of a signal share one listener: Node warns of a leak at the eleventh, and one signal may end any number
 * of calls.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return nothing;
  if (signal.aborted) {
    callback();
    return nothing;
  }
  const { callbacks, listener } = listening.get(signal) ?? listen(signal);
  // Of its own, so that a callback that is added twice is called twice and removed once.
  const entry = (): void => callback();
  callbacks.add(entry);
  return () => {
    if (!callbacks.delete(entry) || callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    listening.delete(signal);
  };
}

function listen(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    listening.delete(signal);
    for (const callback of callbacks) callback();
  };
  signal.addEventListener('abort', listener, { once: true });
  const entry = { callbacks, listener };
  listening.set(signal, entry);
  return entry;
}

function nothing(): void {}
