import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConnectorError, SecurityError } from '../errors.js';

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates that the server may present; any one of them will do. */
export type Pins = readonly X509Certificate[];

/**
 * Reads the pins from PEM text. Line ends of any kind and text around the blocks do not matter.
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

/** The pins read last. A reconnect reads the file again, but parses it only when it has changed. */
let lastRead: { readonly pem: string; readonly source: string; readonly pins: Pins } | undefined;

function parsePinsOnce(pem: string, source: string): Pins {
  if (lastRead?.pem !== pem || lastRead.source !== source)
    lastRead = { pem, source, pins: parsePins(pem, source) };
  return lastRead.pins;
}

/** Reads `certFile`, or takes `cert`; a missing file is Node's own ENOENT, in words that help. */
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
      error.message = `There is no file ${JSON.stringify(certFile)} in ${process.cwd()} (ENOENT). Copy chat_public.pem from the server, by a way that you trust, and say where it is by certFile.`;
    }
    throw error;
  }
}

/**
 * The pin that the presented certificate equals, byte for byte.
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
      'If so, copy chat_public.pem from the server again, by a way that you trust. If not, someone may be in between.',
    ].join('\n'),
  );
}
