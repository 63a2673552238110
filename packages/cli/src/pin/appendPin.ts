import type { X509Certificate } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { indexOfPin, PinFileError, readPinFile, type PinFile } from './pinFile.js';

/** Pins are public. */
const NEW_FILE_MODE = 0o644;

/**
 * Appends a certificate to a file of pins, or creates the file. The file is replaced as a whole, so that no reader
 * sees half of it; on failure nothing changes.
 *
 * @returns the number of certificates in the file, or undefined when it held this one already
 * @throws PinFileError for a file that holds anything but certificates; Node's file errors
 */
export async function appendPin(path: string, certificate: X509Certificate): Promise<number | undefined> {
  const present = await readIfAny(path);
  if (present && indexOfPin(present.certificates, certificate) >= 0) return undefined;
  const block = certificate.toString().trimEnd();
  const pem = present ? `${present.pem.trimEnd()}\n${block}\n` : `${block}\n`;
  await replaceFile(path, pem);
  return (present?.certificates.length ?? 0) + 1;
}

/** @throws PinFileError, except for a missing or empty file */
export async function readIfAny(path: string): Promise<PinFile | undefined> {
  try {
    return await readPinFile(path);
  } catch (error) {
    const isNew = error instanceof PinFileError && (error.problem === 'missing' || error.problem === 'empty');
    if (isNew) return undefined;
    throw error;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  // Write through a symbolic link.
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => NEW_FILE_MODE,
  );
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
