import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

/** What a server shows of itself before anything is said. */
export interface LiveCertificate {
  readonly certificate: X509Certificate;
  /** Such as `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
}

export type TlsProblem =
  /** It does TLS, but none that is new enough. */
  | 'oldTls'
  /** What answers does not speak TLS. */
  | 'noTls'
  /** It closed instead of answering. */
  | 'closed'
  | 'failed';

/** There is a connection, and no TLS 1.3 on it. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
  readonly problem: TlsProblem;
  /** Of Node or OpenSSL; empty when there is none. */
  readonly code: string;

  constructor(problem: TlsProblem, code = '', options?: ErrorOptions) {
    super(`${problem} ${code}`.trim(), options);
    this.problem = problem;
    this.code = code;
  }
}

/**
 * Does a TLS handshake, as the connector does it, and closes: nothing is sent besides.
 *
 * @throws TlsError; Node's own network errors before there is a connection; the signal's reason
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
      // Whether to trust it is for the caller, or a person, to say.
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
    // What came is no record of TLS.
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
