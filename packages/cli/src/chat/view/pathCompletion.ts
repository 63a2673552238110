import { readdirSync, type Dirent } from 'node:fs';
import { homePath } from '../homePath.js';
import type { Completions } from '../model/completion.js';

/** More are of no help. */
const MAX_PATHS = 200;
const COMMAND = /^\s*\/send\s+/;

/** Files and folders that could be meant by a path that is typed behind `/send`; undefined for any other text. */
export function pathCompletions(text: string, cursor: number): Completions | undefined {
  const [command] = COMMAND.exec(text) ?? [];
  if (command === undefined || cursor < command.length) return undefined;
  const path = text.slice(command.length, cursor);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const beginning = path.slice(folder.length);
  const words = entriesOf(homePath(folder) || '.')
    .filter(({ name }) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    // What has controls in its name cannot be typed either.
    .filter(({ name }) => !/\p{Cc}/u.test(name))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .sort()
    .slice(0, MAX_PATHS);
  return { start: command.length, words };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // There is nothing to complete in a folder that is not there, or not ours to read.
    return [];
  }
}
