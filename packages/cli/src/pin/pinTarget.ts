import { connectFailure } from '../client/connectFailure.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { fetchLiveCertificate, TlsError, type LiveCertificate, type TlsProblem } from './liveCertificate.js';
import { PinFileError, readPinFile, type PinFile } from './pinFile.js';
import { pinFileAdvice } from './pinFileText.js';

/** The server and the file of pins. */
export interface PinTarget {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  /** Seconds. */
  readonly connectSeconds: number;
}

const TLS_CAUSES: Readonly<Record<TlsProblem, string>> = {
  oldTls: 'speaks no TLS 1.3, as QuietRoom servers do',
  noTls: 'does not speak TLS',
  closed: 'closed the connection instead of answering',
  failed: 'did not complete a TLS 1.3 handshake',
};

/** @throws Failure with the reason when the server presents none */
export async function liveCertificate(target: PinTarget): Promise<LiveCertificate> {
  const { host, port, connectSeconds } = target;
  const timeout = AbortSignal.timeout(connectSeconds * 1000);
  try {
    return await fetchLiveCertificate(target, timeout);
  } catch (error) {
    if (timeout.aborted) {
      throw unreachable(`${host}:${port} has shown no certificate within ${connectSeconds} s.`, error);
    }
    if (error instanceof TlsError) {
      const code = error.code === '' ? '' : ` (${error.code})`;
      throw unreachable(`${host}:${port} ${TLS_CAUSES[error.problem]}${code}.`, error);
    }
    throw connectFailure(error, target);
  }
}

/** @throws Failure that describes the problem with the file */
export async function pinFile(path: string): Promise<PinFile> {
  try {
    return await readPinFile(path);
  } catch (error) {
    throw pinFileFailure(error, path);
  }
}

/** @throws any error that is not a PinFileError */
export function pinFileFailure(error: unknown, path: string): Failure {
  if (!(error instanceof PinFileError)) throw error;
  const { cause, nextStep } = pinFileAdvice(error, path);
  return new Failure(EXIT_CODES.failure, `${JSON.stringify(path)}: ${cause} ${nextStep}`, { cause: error });
}

function unreachable(problem: string, cause: unknown): Failure {
  return new Failure(
    EXIT_CODES.unreachable,
    `${problem} Check that a QuietRoom server listens there, or run "quietroom doctor".`,
    { cause },
  );
}
