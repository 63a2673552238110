import type { Duplex } from 'node:stream';
import { unlessAborted } from '../time/clock.js';
import { ConnectorError, isSystemError, summaryOf } from '../errors.js';

/** Where a `dial` hook is to connect to. */
export interface DialTarget {
  /** As in `serverHost`: not looked up, so that a proxy can do that. */
  readonly host: string;
  readonly port: number;
  /** Aborts when the attempt times out or is cancelled. */
  readonly signal: AbortSignal;
}

/** Makes the way to the server: a connected stream of bytes, such as a socket of a proxy. */
export type Dial = (target: DialTarget) => Duplex | Promise<Duplex>;

/**
 * Takes a stream from a hook. One that comes too late is destroyed.
 *
 * @throws ConnectorError `DIAL_FAILED`; Node's own errors; the signal's reason, when it aborts
 */
export async function openDialStream(dial: Dial, target: DialTarget): Promise<Duplex> {
  const { host, port, signal } = target;
  const dialled = Promise.resolve().then(() => dial(target));
  try {
    const stream = await unlessAborted(dialled, signal);
    if (!isDuplex(stream)) throw new TypeError('dial returned what is no Duplex stream');
    if (stream.destroyed) throw new TypeError('dial returned a stream that is closed already');
    return stream;
  } catch (error) {
    void destroyLate(dialled);
    if (signal.aborted) throw signal.reason;
    if (isSystemError(error)) throw error;
    throw new ConnectorError(
      'DIAL_FAILED',
      `The dial option made no way to ${host}:${port} (${summaryOf(error)}). Look at the proxy or tunnel behind it.`,
      { cause: error },
    );
  }
}

/** Nobody waits for it any more. */
async function destroyLate(dialled: Promise<unknown>): Promise<void> {
  try {
    const stream = await dialled;
    if (!isDuplex(stream)) return;
    stream.on('error', () => {});
    stream.destroy();
  } catch {
    // There is nothing to destroy.
  }
}

function isDuplex(value: unknown): value is Duplex {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['write', 'end', 'on', 'once', 'destroy'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
