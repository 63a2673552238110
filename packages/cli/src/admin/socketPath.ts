import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

const SOCKET_FILE = 'admin.sock';

/** The admin socket of the server with this folder; a named pipe on Windows. */
export function defaultSocketPath(dir: string): string {
  if (process.platform !== 'win32') return join(resolve(dir), SOCKET_FILE);
  const id = createHash('sha256').update(resolve(dir).toLowerCase()).digest('hex').slice(0, 32);
  return String.raw`\\.\pipe\quietroom-${id}`;
}
