import type { X509Certificate } from 'node:crypto';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { certificateFacts, validityOf } from '../pin/certificateText.js';
import { indexOfPin, PinFileError, readPinFile, type PinFile } from '../pin/pinFile.js';
import { pinFileAdvice } from '../pin/pinFileText.js';
import { ok, problem, warning, type CheckResult } from './checkResult.js';
import type { Found } from './networkSteps.js';
import { named, type Target } from './target.js';

const COMPARE =
  'Ask whoever runs the server. Compare what "quietroom pin show --live" says here with what "quietroom pin show chat_public.pem" says at the server; if it is the same, run "quietroom pin add".';

export async function readPins(target: Target): Promise<Found<PinFile>> {
  try {
    const file = await readPinFile(target.cert);
    const count = file.certificates.length;
    const detail = `${count} certificate${count === 1 ? '' : 's'}${named(target, target.cert)}`;
    const facts = { certificates: count };
    if (!file.holdsPrivateKey) return { checkResult: ok(detail, facts), value: file };
    return {
      checkResult: warning(
        `${detail}, and a private key`,
        "The private key is the server's secret; who has it can pass for the server.",
        'Take it out of this file. If others could read the file, give the server a new identity.',
        facts,
      ),
      value: file,
    };
  } catch (error) {
    if (!(error instanceof PinFileError)) throw error;
    const { cause, nextStep } = pinFileAdvice(error, target.full ? target.cert : 'FILE');
    const detail = `no certificate to go by${named(target, target.cert)}`;
    return { checkResult: problem(EXIT_CODES.failure, detail, cause, nextStep, { problem: error.problem }) };
  }
}

/** Compares byte for byte, like the connector. */
export function comparePin(
  target: Target,
  { certificates }: PinFile,
  presented: X509Certificate,
  now: Date,
): CheckResult {
  const place = indexOfPin(certificates, presented);
  if (place < 0) return mismatch(target, certificates, presented);
  const fingerprint = named(target, presented.fingerprint256);
  const detail = `the server presents certificate ${place + 1} of ${certificates.length} in the file${fingerprint}`;
  const { validFrom, validTo } = certificateFacts(presented);
  switch (validityOf(presented, now)) {
    case 'valid':
      return ok(detail, { place: place + 1 });
    case 'expired':
      return warning(
        `${detail}, which has expired: ${validTo}`,
        "It is old, or this machine's clock is ahead. QuietRoom goes by the pin and not by dates, so that it works here; other clients may refuse it.",
        'Check the clock of this machine ("date"). If it is right, give the server a new identity and pin that.',
        { place: place + 1 },
      );
    case 'not valid yet':
      return warning(
        `${detail}, which is not valid yet: from ${validFrom}`,
        "This machine's clock is behind, or the server's was ahead when it made the certificate. QuietRoom goes by the pin and not by dates, so that it works here; other clients may refuse it.",
        'Check the clocks of both machines ("date").',
        { place: place + 1 },
      );
    case 'unreadable':
      return warning(
        `${detail}, whose dates cannot be read`,
        'It was made by other software than QuietRoom servers.',
        'None is needed here; other clients may refuse it.',
        { place: place + 1 },
      );
  }
}

function mismatch(target: Target, pins: readonly X509Certificate[], presented: X509Certificate): CheckResult {
  const pinned = pins.map((pin) => pin.fingerprint256).join(', ');
  const fingerprints = named(target, `${presented.fingerprint256}; in the file: ${pinned}`);
  const detail = `the server presents a certificate that is not in the file${fingerprints}`;
  if (!isSelfSigned(presented)) {
    return problem(
      EXIT_CODES.security,
      detail,
      'It was issued by an authority, while QuietRoom servers sign their own: another service with TLS listens there, or something in between takes the TLS apart.',
      'Check --host and --port, and proxies that look into TLS.',
      { kind: 'otherService' },
    );
  }
  const madeAt = Date.parse(presented.validFrom);
  if (pins.every((pin) => madeAt > Date.parse(pin.validFrom))) {
    return problem(
      EXIT_CODES.security,
      detail,
      `The pin is stale: the certificate is newer (from ${certificateFacts(presented).validFrom}) than all in the file. 1.x servers make a new one at every start. If the server was not restarted, someone may be in between.`,
      COMPARE,
      { kind: 'stale' },
    );
  }
  return problem(
    EXIT_CODES.security,
    detail,
    'The file is that of another server; or someone is in between.',
    COMPARE,
    { kind: 'other' },
  );
}

function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}
