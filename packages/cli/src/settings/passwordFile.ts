import { readFileSync } from 'node:fs';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { errorCode } from '../failures/errorCode.js';

/**
 * Reads a room password from the first line of a file, which keeps it off the command line.
 *
 * @throws Failure when the file cannot be read, or its first line is empty
 */
export function readPasswordFile(path: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    throw new Failure(
      EXIT_CODES.failure,
      `The password file ${JSON.stringify(path)} cannot be read (${code}). Check --password-file.`,
    );
  }
  const [password = ''] = content.replace(/^\ufeff/, '').split(/\r?\n/, 1);
  if (password !== '') return password;
  throw new Failure(
    EXIT_CODES.failure,
    `The first line of the password file ${JSON.stringify(path)} is empty. Write the password there.`,
  );
}
