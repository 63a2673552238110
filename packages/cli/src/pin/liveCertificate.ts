import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

/** The facts that a TLS handshake reveals about a server. */
export interface LiveCertificate {
  readonly certificate: X509Certificate;
  /** Such as `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
}

export type TlsProblem =
  /** The server speaks only older versions of TLS. */
  | 'oldTls'
  /** The peer does not speak TLS. */
  | 'noTls'
  /** The server closed the connection. */
  | 'closed'
  | 'failed';

/** TCP works, but TLS 1.3 failed. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
  readonly problem: TlsProblem;
  /** The code from Node or OpenSSL; empty without one. */
  readonly code: string;

  constructor(problem: TlsProblem, code = '', options?: ErrorOptions) {
    super(`${problem} ${code}`.trim(), options);
    this.problem = problem;
    this.code = code;
  }
}

/**
 * Does the connector's TLS handshake and closes. Nothing else is sent.
 *
 * @throws TlsError; Node's network errors before TCP is connected; the signal's reason
 */
export function fetchLiveCertificate(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<LiveCertificate> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      host,
      port,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      // The caller or a person decides whether to trust it.
      rejectUnauthorized: false,
      servername: '',
    });
    let isConnected = false;
    const stop = (): void => {
      reject(signal.reason);
      socket.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', () => (isConnected = true));
    socket.on('error', (error) => reject(isConnected ? tlsError(error) : error));
    socket.once('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new TlsError('closed'));
    });
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate) resolve({ certificate, cipher: socket.getCipher().standardName });
      else reject(new TlsError('failed', 'no certificate'));
      socket.destroy();
    });
  });
}

function tlsError(cause: Error): TlsError {
  const code = 'code' in cause ? String(cause.code) : '';
  return new TlsError(problemBehind(code), code, { cause });
}

function problemBehind(code: string): TlsProblem {
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return 'oldTls';
    // The bytes are not a TLS record.
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_RECORD_LAYER_FAILURE':
    case 'ERR_SSL_BAD_RECORD_TYPE':
      return 'noTls';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'closed';
    default:
      return 'failed';
  }
}
