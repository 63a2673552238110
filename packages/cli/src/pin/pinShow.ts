import { printJson, printLine } from '../output/print.js';
import { certificateFacts, certificateLines } from './certificateText.js';
import { readIfAny } from './appendPin.js';
import { indexOfPin, type PinFile } from './pinFile.js';
import { liveCertificate, pinFile, pinFileFailure, type PinTarget } from './pinTarget.js';

export interface PinShowOptions extends PinTarget {
  /** Show the server's certificate as well. */
  readonly live: boolean;
  /** Show the file even with `live`. */
  readonly isFileNamed: boolean;
  readonly json: boolean;
}

/** The fields of `--json` and their meaning. */
export const PIN_SHOW_FIELDS = {
  v: 'version of this format: 1',
  file: 'the file',
  certificates:
    'its certificates, each with subject, dates, key and fingerprint; null when it cannot be read',
  server:
    'with --live: host, port, cipher, certificate, and placeInFile: which of the file it is, from 1, or null',
} as const;

/**
 * Shows the certificates of a file, or a server's certificate and whether the file holds it.
 *
 * @throws Failure
 */
export async function pinShow(options: PinShowOptions): Promise<void> {
  const { cert, live, isFileNamed } = options;
  // Without a file, the server's certificate can still be shown.
  const isFileNeeded = isFileNamed || !live;
  const file = isFileNeeded
    ? await pinFile(cert)
    : await readIfAny(cert).catch((error: unknown) => {
        throw pinFileFailure(error, cert);
      });
  const presented = live ? await liveCertificate(options) : undefined;
  const place = presented && file ? indexOfPin(file.certificates, presented.certificate) : -1;

  if (options.json) {
    const server = presented && {
      host: options.host,
      port: options.port,
      cipher: presented.cipher,
      certificate: certificateFacts(presented.certificate),
      // From 1; null when the file does not hold it or cannot be read.
      placeInFile: place < 0 ? null : place + 1,
    };
    const certificates = file?.certificates.map(certificateFacts) ?? null;
    printJson({ v: 1, file: cert, certificates, ...(server && { server }) });
    return;
  }
  const now = new Date();
  if (file && isFileNeeded) showFile(file, cert, now);
  if (!presented) return;
  printLine(`${options.host}:${options.port}, by TLS 1.3`);
  certificateLines(presented.certificate, now).forEach(printLine);
  printLine(placeText(file, place, cert));
}

function showFile({ certificates, holdsPrivateKey }: PinFile, path: string, now: Date): void {
  certificates.forEach((certificate, index) => {
    printLine(`${path}, certificate ${index + 1} of ${certificates.length}`);
    certificateLines(certificate, now).forEach(printLine);
  });
  if (holdsPrivateKey) {
    printLine(`${path} also holds a private key: that is the server's secret, and has no place in it.`);
  }
}

function placeText(file: PinFile | undefined, place: number, path: string): string {
  if (!file) return `There is no file ${path} to compare it with.`;
  const count = file.certificates.length;
  if (place >= 0) return `It is pinned: certificate ${place + 1} of ${count} in ${path}.`;
  return `It is not pinned: ${path} holds ${count === 1 ? 'another certificate' : `${count} others`}.`;
}
