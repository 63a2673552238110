import type { KeyObject } from 'node:crypto';
import type { OnReadOpts } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { FRAGMENT_BYTES, SocketTransport, type RecordSource, type Transport } from '@quietroom/protocol';
import type { ResolvedConfig } from './config.js';
import { ConnectorError } from './errors.js';
import { matchPin, type Pins } from './pins.js';

/** A connection whose server has presented a pinned certificate. */
export interface Dialled {
  readonly transport: Transport;
  /** The public key in that certificate. */
  readonly pinnedKey: KeyObject;
}

/** Larger than any TLS record, so that each read brings one whole. */
const READ_BUFFER_BYTES = 65536;

/**
 * Connects by TCP and TLS 1.3 and checks the pin: nothing but the ClientHello is sent before the check,
 * and nothing after a failure.
 *
 * @throws SecurityError `PIN_MISMATCH`; ConnectorError `TLS_FAILED`; Node's own network errors; the
 * signal's reason, when it aborts
 */
export function dial(config: ResolvedConfig, pins: Pins, signal: AbortSignal): Promise<Dialled> {
  const { serverHost: host, serverPort: port, padding } = config;
  return new Promise((resolve, reject) => {
    const early: Buffer[] = [];
    let deliver = (bytes: Uint8Array): void => void early.push(Buffer.from(bytes));
    const source: RecordSource = (to) => {
      early.forEach(to);
      deliver = to;
    };
    // Node takes onread here too, though its types do not say so.
    const options: ConnectionOptions & { onread: OnReadOpts } = {
      host,
      port,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      // The pin is all that counts: there is no authority and no host name to check, nor one to tell.
      rejectUnauthorized: false,
      servername: '',
      // Each callback is one record; this costs a third of the CPU of `data` events.
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
        callback: (size, buffer) => {
          deliver(buffer.subarray(0, size));
          return true;
        },
      },
    };
    const socket = connect(options);
    socket.setNoDelay(true);

    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(isSystemError(error) ? error : tlsFailed(error, host, port));
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      try {
        const pin = matchPin(pins, socket.getPeerX509Certificate(), `${host}:${port}`);
        resolve({
          transport: new SocketTransport(socket, FRAGMENT_BYTES[padding], source),
          pinnedKey: pin.publicKey,
        });
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
    if (signal.aborted) abort();
  });
}

/** One that Node took from the system; an AggregateError when each address of a host failed. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error || error instanceof AggregateError;
}

function tlsFailed(cause: Error, host: string, port: number): ConnectorError {
  // The messages of OpenSSL are lines of its own source; its codes can be read.
  const detail = 'code' in cause ? String(cause.code) : cause.message;
  return new ConnectorError(
    'TLS_FAILED',
    `${host}:${port} did not complete a TLS 1.3 handshake (${detail}). Check that a QuietRoom server listens there.`,
    { cause },
  );
}
