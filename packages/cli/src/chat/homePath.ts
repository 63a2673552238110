import { homedir } from 'node:os';
import { join } from 'node:path';

/** A path as people type it: `~/` is the home folder. */
export function homePath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
