import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { readPasswordFile } from '../settings/passwordFile.js';

/**
 * The passwords of rooms, from entries such as `#ops=~/ops.password`.
 *
 * @throws Failure for an entry without a room or a file, and for a file that cannot be read
 */
export function roomPasswords(entries: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    entries.map((entry) => {
      const [, room, file] = /^(#[^=]*)=(.+)$/.exec(entry) ?? [];
      if (room === undefined || file === undefined) {
        throw new Failure(
          EXIT_CODES.failure,
          `${JSON.stringify(entry)} names no room and file. Write passwordFiles as "#room=file".`,
        );
      }
      return [room, readPasswordFile(file.startsWith('~/') ? join(homedir(), file.slice(2)) : file)];
    }),
  );
}
