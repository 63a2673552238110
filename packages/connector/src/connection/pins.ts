import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConnectorError, SecurityError } from '../errors.js';

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The pinned certificates: the server must present one of them. */
export type Pins = readonly X509Certificate[];

/**
 * Parses the certificates in a PEM text. Text outside the blocks is ignored.
 *
 * @throws ConnectorError `CERTIFICATE_MISSING`, `CERTIFICATE_UNREADABLE`
 */
export function parsePins(pem: string, source: string): Pins {
  const blocks = pem.match(PEM_BLOCK) ?? [];
  if (blocks.length === 0) {
    throw new ConnectorError(
      'CERTIFICATE_MISSING',
      `${source} holds no certificate: a block that begins with -----BEGIN CERTIFICATE----- is expected. Copy chat_public.pem from the server.`,
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new ConnectorError(
        'CERTIFICATE_UNREADABLE',
        `Certificate ${index + 1} of ${blocks.length} in ${source} is damaged. Copy chat_public.pem from the server again.`,
        { cause },
      );
    }
  });
}

/** The last pins. A reconnect reads the file again, but parses it only if it has changed. */
let lastRead: { readonly pem: string; readonly source: string; readonly pins: Pins } | undefined;

function parsePinsOnce(pem: string, source: string): Pins {
  if (lastRead?.pem !== pem || lastRead.source !== source)
    lastRead = { pem, source, pins: parsePins(pem, source) };
  return lastRead.pins;
}

/** The pins of `cert`, or of `certFile`. For a missing file it throws Node's ENOENT with a better message. */
export async function loadPins({
  cert,
  certFile,
}: {
  cert: string | undefined;
  certFile: string;
}): Promise<Pins> {
  if (cert !== undefined) return parsePinsOnce(cert, 'Option cert');
  try {
    return parsePinsOnce(await readFile(certFile, 'utf8'), certFile);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      error.message = `There is no file ${JSON.stringify(certFile)} in ${process.cwd()} (ENOENT). Copy chat_public.pem from the server over a channel that you trust, and set certFile to its path.`;
    }
    throw error;
  }
}

/**
 * The pin that equals the presented certificate, byte for byte.
 *
 * @throws SecurityError `PIN_MISMATCH` with the fingerprints of both sides
 */
export function matchPin(
  pins: Pins,
  presented: X509Certificate | undefined,
  server: string,
): X509Certificate {
  const match = presented && pins.find((pin) => pin.raw.equals(presented.raw));
  if (match) return match;
  throw new SecurityError(
    'PIN_MISMATCH',
    [
      `${server} did not present the pinned certificate.`,
      'SHA-256 fingerprints:',
      ...pins.map((pin) => `  pinned:    ${pin.fingerprint256}`),
      `  presented: ${presented?.fingerprint256 ?? 'none'}`,
      'The likely cause is that the server was restarted: 1.x servers make a new certificate at every start.',
      'If so, copy chat_public.pem from the server again, over a channel that you trust. If not, someone may intercept the connection.',
    ].join('\n'),
  );
}
