import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/**
 * The pinned certificate, as PEM.
 *
 * @throws Failure when the file cannot be read or holds no certificate
 */
export function readPin(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    return new X509Certificate(pem).toString();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(
      EXIT_CODES.failure,
      `The certificate in ${path} cannot be read (${message}). Give the server's chat_public.pem with --cert.`,
    );
  }
}
