import { readdirSync, type Dirent } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Completions } from '@quietroom/chat';

/** More completions than this are not shown. */
const MAX_PATHS = 200;
const COMMAND = /^\s*\/send\s+/;

/** Expands a leading `~/` to the home folder. */
export function homePath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

/** Completions for the path after `/send`; undefined for any other text. */
export function pathCompletions(text: string, cursor: number): Completions | undefined {
  const [command] = COMMAND.exec(text) ?? [];
  if (command === undefined || cursor < command.length) return undefined;
  const path = text.slice(command.length, cursor);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const beginning = path.slice(folder.length);
  const words = entriesOf(homePath(folder) || '.')
    .filter(({ name }) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    // A name with control characters cannot be typed.
    .filter(({ name }) => !/\p{Cc}/u.test(name))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    .sort()
    .slice(0, MAX_PATHS);
  return { start: command.length, words, shared: folder.length };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A missing or unreadable folder has no completions.
    return [];
  }
}
