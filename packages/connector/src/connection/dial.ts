import type { Duplex } from 'node:stream';
import type { KeyObject } from 'node:crypto';
import type { OnReadOpts } from 'node:net';
import {
  connect,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { FRAGMENT_BYTES, SocketTransport, type RecordSource, type Transport } from '@quietroom/protocol';
import { onAbort } from '@quietroom/protocol/internals';
import type { ResolvedConfig } from '../options/config.js';
import { openDialStream } from '../options/dialHook.js';
import { ConnectorError, isSystemError } from '../errors.js';
import { connectToHost, type ResolveHost } from './happyEyeballs.js';
import { matchPin, type Pins } from './pins.js';

/** A connection whose server has presented a pinned certificate. */
export interface Dialled {
  readonly transport: Transport;
  /** The public key in that certificate. */
  readonly pinnedKey: KeyObject;
}

/** A TLS connection that is being made, and where its records come from; without a source: `data` events. */
interface Dialling {
  readonly socket: TLSSocket;
  readonly source?: RecordSource;
}

let sharedContext: SecureContext | undefined;

/** One context serves all connections: making one costs half a millisecond of CPU. */
function tlsOptions(): ConnectionOptions {
  sharedContext ??= createSecureContext({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ca: [] });
  return {
    secureContext: sharedContext,
    // The pin alone decides. There is no authority or host name to check, and no host name to send.
    rejectUnauthorized: false,
    servername: '',
  };
}

/**
 * Larger than any TLS record, so that each read brings one whole. One buffer serves all connections: a record is
 * decrypted, or copied, before anything else can be read.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65536);

/**
 * Connects, by TCP or by the `dial` option, does the TLS 1.3 handshake and checks the pin: nothing but the
 * ClientHello is sent before the check, and nothing after a failure.
 *
 * @throws SecurityError `PIN_MISMATCH`; ConnectorError `TLS_FAILED`, `DIAL_FAILED`; Node's own network errors;
 * the signal's reason, when it aborts
 */
export async function dial(
  config: ResolvedConfig,
  pins: Pins,
  signal: AbortSignal,
  resolveHost?: ResolveHost,
): Promise<Dialled> {
  signal.throwIfAborted();
  const { serverHost, serverPort, dial: hook, padding, clock } = config;
  const target = { host: serverHost, port: serverPort, signal };
  const { socket, source } =
    hook === undefined
      ? await connectToHost(serverHost, {
          clock,
          signal,
          resolveHost,
          open: (address) => dialTcp(address, serverPort),
        })
      : { socket: secureStream(await openDialStream(hook, target)) };
  const server = `${serverHost}:${serverPort}`;
  // `secured` reports the first error; an error that comes later must not end the process.
  socket.on('error', () => {});
  await secured(socket, server, signal);
  try {
    const pin = matchPin(pins, socket.getPeerX509Certificate(), server);
    const transport = new SocketTransport(socket, FRAGMENT_BYTES[padding], source);
    return { transport, pinnedKey: pin.publicKey };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A socket of our own is read by `onread`: each callback is one record, for a third of the CPU of `data` events. */
function dialTcp(host: string, port: number): Required<Dialling> {
  const early: Buffer[] = [];
  let deliver = (bytes: Uint8Array): void => void early.push(Buffer.from(bytes));
  const source: RecordSource = (to) => {
    early.forEach(to);
    deliver = to;
  };
  // Node passes `onread` on to the socket, though its types do not say so.
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    ...tlsOptions(),
    host,
    port,
    onread: {
      buffer: READ_BUFFER,
      callback: (size, buffer) => {
        deliver(buffer.subarray(0, size));
        return true;
      },
    },
  };
  const socket = connect(options);
  socket.setNoDelay(true);
  return { socket, source };
}

/** TLS on the stream of a `dial` hook: the two end together. */
function secureStream(stream: Duplex): TLSSocket {
  const socket = connect({ ...tlsOptions(), socket: stream });
  stream.on('error', (error) => socket.destroy(error));
  // After what it has brought is read.
  const end = (): void => void setImmediate(() => socket.destroy());
  stream.once('end', end);
  stream.once('close', end);
  socket.once('close', () => stream.destroy());
  return socket;
}

/** Resolves when the TLS handshake is done; else nothing is left of it. */
function secured(socket: TLSSocket, server: string, signal: AbortSignal): Promise<void> {
  const failure = (error?: Error): Error => (isSystemError(error) ? error : tlsFailed(server, error));
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stopListening();
      socket.off('error', fail);
      socket.off('close', closed);
      socket.off('secureConnect', secure);
    };
    const fail = (error: Error): void => {
      settle();
      reject(failure(error));
    };
    const closed = (): void => {
      settle();
      reject(failure());
    };
    if (socket.destroyed) {
      reject(failure(socket.errored ?? undefined));
      return;
    }
    const secure = (): void => {
      settle();
      resolve();
    };
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once('secureConnect', secure);
    const stopListening = onAbort(signal, () => {
      settle();
      socket.destroy();
      reject(signal.reason);
    });
  });
}

function tlsFailed(server: string, cause?: Error): ConnectorError {
  // The messages of OpenSSL are lines of its own source; its codes can be read.
  const detail = cause && 'code' in cause ? String(cause.code) : (cause?.message ?? 'it closed');
  return new ConnectorError(
    'TLS_FAILED',
    `${server} did not complete a TLS 1.3 handshake (${detail}). Check that a QuietRoom server listens there.`,
    { cause },
  );
}
