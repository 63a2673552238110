import type { X509Certificate } from 'node:crypto';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printJson, printLine } from '../output/print.js';
import { appendPin, readIfAny } from './appendPin.js';
import { certificateFacts, pairLines, validityOf } from './certificateText.js';
import { parseFingerprint, type Fingerprint } from './fingerprint.js';
import { indexOfPin } from './pinFile.js';
import { liveCertificate, pinFileFailure, type PinTarget } from './pinTarget.js';
import { askReading, challenge } from './challenge.js';

export interface PinAddOptions extends PinTarget {
  /** As typed: the expected fingerprint, used instead of a question. */
  readonly fingerprint: string | undefined;
  readonly json: boolean;
}

const HOW_TO_ANSWER = [
  'Have them read to you at the server, from "quietroom pin show chat_public.pem"',
  'in its folder. If all are the same, type the one that is missing here; or paste',
  'the whole fingerprint from there. An empty line stops.',
] as const;

/** The fields of `--json` and their meaning. */
export const PIN_ADD_FIELDS = {
  v: 'version of this format: 1',
  added: 'false when the file held it already',
  file: 'the file',
  certificate: 'the certificate that the server presents',
} as const;

/**
 * Adds a server's certificate to a file of pins, once a person or a fingerprint has confirmed it.
 *
 * @throws Failure; with exit code 4 when the certificate was not confirmed. Then nothing has changed.
 */
export async function pinAdd(options: PinAddOptions): Promise<void> {
  const { host, port, cert, json } = options;
  const expected = options.fingerprint === undefined ? undefined : parseFingerprint(options.fingerprint);
  const mayAsk = process.stdin.isTTY && process.stdout.isTTY && !json;
  if (expected === undefined && !mayAsk) throw nobodyToAsk();
  const server = `${host}:${port}`;

  // Report an unusable file before asking anyone to compare words.
  const present = await readIfAny(cert).catch(fail(cert));
  const { certificate } = await liveCertificate(options);
  const isThere = present !== undefined && indexOfPin(present.certificates, certificate) >= 0;
  if (expected !== undefined) assertExpected(server, certificate.fingerprint256, expected);
  else if (!isThere) await askAPerson(server, certificate);

  const certificates = isThere ? undefined : await appendPin(cert, certificate).catch(fail(cert));
  if (json) {
    const added = certificates !== undefined;
    printJson({ v: 1, added, file: cert, certificate: certificateFacts(certificate) });
  } else if (certificates === undefined) {
    printLine(`${cert} holds the certificate of ${server} already; nothing was changed.`);
  } else {
    printLine(`Added the certificate of ${server} to ${cert}, ${holding(certificates)}.`);
  }
}

function holding(certificates: number): string {
  return certificates === 1
    ? 'which is new'
    : `which holds ${certificates} now: the server may present any of them. Take out those that are no longer used`;
}

/** Resolves when a person has proved that they compared the fingerprints. */
async function askAPerson(server: string, certificate: X509Certificate): Promise<void> {
  const { fingerprint256: fingerprint } = certificate;
  const { number, shown } = challenge(fingerprint);
  printLine(`${server} presents a certificate that is not pinned yet:`);
  pairLines(shown).forEach(printLine);
  const validity = validityOf(certificate, new Date());
  if (validity !== 'valid') printLine(`By its dates and the clock of this machine it is ${validity}.`);
  HOW_TO_ANSWER.forEach(printLine);
  const reading = await askReading(fingerprint, number);
  if (reading === 'same') return;
  if (reading === 'stopped') throw new Failure(EXIT_CODES.failure, 'Nothing was added.');
  throw new Failure(
    EXIT_CODES.security,
    `That is not what ${server} presents, and nothing was added. If it was no slip, someone may be in between: do not connect.`,
  );
}

function assertExpected(server: string, presented: Fingerprint, expected: Fingerprint): void {
  if (presented === expected) return;
  throw new Failure(
    EXIT_CODES.security,
    [
      `${server} presents another certificate than the one of this fingerprint; nothing was added.`,
      `  expected:  ${expected}`,
      `  presented: ${presented}`,
      'If the server was restarted in the meantime, ask for its fingerprint again. If not, someone may be in between: do not connect.',
    ].join('\n'),
  );
}

function nobodyToAsk(): Failure {
  return new Failure(
    EXIT_CODES.usage,
    'A certificate is added only when someone vouches for it: run this on a terminal, or give --fingerprint as it is shown at the server by "quietroom pin show chat_public.pem".',
  );
}

/** Describes problems with the file, and system errors on writing by their code. */
function fail(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'syscall' in error && 'code' in error) {
      throw new Failure(
        EXIT_CODES.failure,
        `${JSON.stringify(path)} cannot be written (${String(error.code)}); nothing was changed. Check its folder and permissions.`,
        { cause: error },
      );
    }
    throw pinFileFailure(error, path);
  };
}
