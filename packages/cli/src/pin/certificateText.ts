import type { X509Certificate } from 'node:crypto';
import { fingerprintLines, wordPairs, type Fingerprint } from './fingerprint.js';

/** The facts about a certificate, as in `--json`. */
export interface CertificateFacts {
  /** SHA-256 of the DER. */
  readonly fingerprint: Fingerprint;
  /** The same as 12 pairs of words. */
  readonly pairs: readonly string[];
  readonly subject: string;
  readonly key: string;
  readonly validFrom: string;
  readonly validTo: string;
}

export type Validity = 'valid' | 'expired' | 'not valid yet' | 'unreadable';

const PAIRS_IN_A_LINE = 3;

/** Longer subjects would hide the text after them. */
const MAX_SUBJECT_CHARACTERS = 200;

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const { fingerprint256: fingerprint } = certificate;
  return {
    fingerprint,
    pairs: wordPairs(fingerprint),
    subject: subjectOf(certificate),
    key: keyOf(certificate),
    validFrom: day(certificate.validFrom),
    validTo: day(certificate.validTo),
  };
}

/** Lines for people. The subject comes from the server: pass them through `terminalText`. */
export function certificateLines(certificate: X509Certificate, now: Date): readonly string[] {
  const { fingerprint, pairs, subject, key, validFrom, validTo } = certificateFacts(certificate);
  const validity = validityOf(certificate, now);
  const [first = '', second = ''] = fingerprintLines(fingerprint);
  return [
    `  subject  ${subject}`,
    `  key      ${key}`,
    `  valid    ${validFrom} to ${validTo}${validity === 'valid' ? '' : ` (${validity})`}`,
    `  SHA-256  ${first}`,
    `           ${second}`,
    '  in pairs of words, to compare by voice:',
    ...pairLines(pairs),
  ];
}

/** Numbered pairs, several per line. */
export function pairLines(pairs: readonly string[]): readonly string[] {
  const width = Math.max(...pairs.map((pair) => pair.length));
  const cells = pairs.map((pair, index) => `${String(index + 1).padStart(4)}  ${pair.padEnd(width)}`);
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += PAIRS_IN_A_LINE) {
    lines.push(
      cells
        .slice(at, at + PAIRS_IN_A_LINE)
        .join('')
        .trimEnd(),
    );
  }
  return lines;
}

export function validityOf(certificate: X509Certificate, now: Date): Validity {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  if (Number.isNaN(from) || Number.isNaN(to)) return 'unreadable';
  if (now.getTime() > to) return 'expired';
  return now.getTime() < from ? 'not valid yet' : 'valid';
}

function subjectOf(certificate: X509Certificate): string {
  // Node returns undefined for an empty subject, although its types do not say so.
  const subject: string | undefined = certificate.subject;
  const line = (subject ?? '(none)').split('\n').join(', ');
  return line.length > MAX_SUBJECT_CHARACTERS ? `${line.slice(0, MAX_SUBJECT_CHARACTERS)}…` : line;
}

function keyOf(certificate: X509Certificate): string {
  try {
    const { asymmetricKeyType = 'unknown', asymmetricKeyDetails } = certificate.publicKey;
    const size = asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve;
    return `${asymmetricKeyType.toUpperCase()}${size === undefined ? '' : ` ${size}`}`;
  } catch {
    return 'unreadable';
  }
}

/** A certificate can hold any date, even an invalid one. */
function day(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 'unreadable' : new Date(time).toISOString().slice(0, 10);
}
