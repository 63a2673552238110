import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { printLine } from '../../output/print.js';
import { version } from '../../version.js';
import { projectFiles } from './projectFiles.js';

/**
 * Writes the project of a new bot into a folder that does not exist yet.
 *
 * @throws Failure for a folder that exists or cannot be made, and for a name that npm would refuse
 */
export async function newBot(folder: string): Promise<void> {
  const path = resolve(folder);
  const project = basename(path);
  if (!/^[a-z][a-z\d-]{0,99}$/.test(project)) {
    throw new Failure(
      EXIT_CODES.usage,
      `${JSON.stringify(project)} is not a name for a project: begin with a small letter, and use small letters, digits and hyphens.`,
    );
  }
  const files = projectFiles({ project, username: usernameOf(project), version: version() });
  try {
    await mkdir(path);
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text, { flag: 'wx' });
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    const problem = code === 'EEXIST' ? 'exists already' : `cannot be written (${String(code)})`;
    throw new Failure(EXIT_CODES.usage, `${folder} ${problem}.`, { cause: error });
  }
  printLine(`${folder} holds a bot. Go on there with: npm install, npm test, npm start.`);
}

/** `my-bot` is `MyBot` on the server. */
function usernameOf(project: string): string {
  const words = project.split('-').filter((word) => word !== '');
  return words
    .map((word) => (word[0] ?? '').toUpperCase() + word.slice(1))
    .join('')
    .slice(0, MAX_NAME_BYTES);
}
