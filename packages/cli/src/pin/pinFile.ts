import { X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { errorCode } from '../failures/errorCode.js';

/** A file of pins, parsed like in the connector. */
export interface PinFile {
  /** At least one. */
  readonly certificates: readonly X509Certificate[];
  /** The file also holds a private key, which does not belong there. */
  readonly holdsPrivateKey: boolean;
  readonly pem: string;
}

export type PinFileProblem =
  | 'missing'
  | 'unreadable'
  | 'tooLarge'
  | 'empty'
  /** A certificate in DER, not in PEM. */
  | 'der'
  /** The server's private key instead of its certificate. */
  | 'privateKey'
  /** The file holds no certificate. */
  | 'noCertificate'
  | 'damaged';

/** The reason why a file is not a file of pins. */
export class PinFileError extends Error {
  override readonly name = 'PinFileError';
  readonly problem: PinFileProblem;
  /** The system error code, or the damaged certificate. */
  readonly detail: string;

  constructor(problem: PinFileProblem, detail = '', options?: ErrorOptions) {
    super(`${problem} ${detail}`.trim(), options);
    this.problem = problem;
    this.detail = detail;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

/** Room for thousands of certificates; bounds the reading of an endless file. */
const MAX_BYTES = 4 * 1024 * 1024;

/** @throws PinFileError */
export async function readPinFile(path: string): Promise<PinFile> {
  const bytes = await readBytes(path);
  if (bytes.length > MAX_BYTES) throw new PinFileError('tooLarge');
  const pem = bytes.toString('utf8');
  const holdsPrivateKey = PRIVATE_KEY.test(pem);
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new PinFileError(whatElse(bytes, holdsPrivateKey));
  const certificates = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new PinFileError('damaged', `certificate ${index + 1} of ${blocks.length}`, { cause });
    }
  });
  return { certificates, holdsPrivateKey, pem };
}

/** Index of the certificate that equals this one byte for byte; -1 for none. */
export function indexOfPin(certificates: readonly X509Certificate[], presented: X509Certificate): number {
  return certificates.findIndex((pin) => pin.raw.equals(presented.raw));
}

async function readBytes(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    // Pipes such as a shell's <(command) have no size before they are read.
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    }
  } catch (error) {
    const code = errorCode(error, '');
    throw new PinFileError(code === 'ENOENT' ? 'missing' : 'unreadable', code, { cause: error });
  }
  return Buffer.concat(chunks);
}

function whatElse(bytes: Buffer, holdsPrivateKey: boolean): PinFileProblem {
  if (holdsPrivateKey) return 'privateKey';
  if (bytes.toString('utf8').trim() === '') return 'empty';
  return isCertificate(bytes) ? 'der' : 'noCertificate';
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length > 0;
  } catch {
    return false;
  }
}
