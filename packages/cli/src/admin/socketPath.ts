import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

const SOCKET_FILE = 'admin.sock';

/** The system keeps the path of a socket in a field of fixed size, with a zero byte at its end. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** The admin socket of the server with this folder; a named pipe on Windows. */
export function defaultSocketPath(dir: string): string {
  if (process.platform !== 'win32') return join(resolve(dir), SOCKET_FILE);
  const id = createHash('sha256').update(resolve(dir).toLowerCase()).digest('hex').slice(0, 32);
  return String.raw`\\.\pipe\quietroom-${id}`;
}

/** Undefined for a path that the system accepts. Node would shorten the path and use another file. */
export function pathLengthProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (process.platform === 'win32' || bytes <= MAX_PATH_BYTES) return undefined;
  return `The path of the admin socket, ${JSON.stringify(path)}, has ${bytes} bytes; the system allows ${MAX_PATH_BYTES}.`;
}
