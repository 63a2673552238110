import type { Duplex } from 'node:stream';
import { unlessAborted } from '../time/clock.js';
import { ConnectorError, isSystemError, summaryOf } from '../errors.js';

/** The destination of a `dial` hook. */
export interface DialTarget {
  /** As `serverHost`: not resolved, so that the proxy can resolve it. */
  readonly host: string;
  readonly port: number;
  /** Aborts when the attempt times out or is cancelled. */
  readonly signal: AbortSignal;
}

/** Opens the connection to the server: returns a connected stream, such as the socket of a proxy. */
export type Dial = (target: DialTarget) => Duplex | Promise<Duplex>;

/**
 * Calls the hook. A stream that comes too late is destroyed.
 *
 * @throws ConnectorError `DIAL_FAILED`; Node's own errors; the signal's reason, when it aborts
 */
export async function openDialStream(dial: Dial, target: DialTarget): Promise<Duplex> {
  const { host, port, signal } = target;
  const dialled = Promise.resolve().then(() => dial(target));
  try {
    const stream = await unlessAborted(dialled, signal);
    if (!isDuplex(stream)) throw new TypeError('dial must return a Duplex stream');
    if (stream.destroyed) throw new TypeError('dial returned a stream that is already closed');
    return stream;
  } catch (error) {
    void destroyLate(dialled);
    if (signal.aborted) throw signal.reason;
    if (isSystemError(error)) throw error;
    throw new ConnectorError(
      'DIAL_FAILED',
      `The dial option could not connect to ${host}:${port} (${summaryOf(error)}). Check the proxy or tunnel.`,
      { cause: error },
    );
  }
}

/** For a stream that comes too late. */
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
