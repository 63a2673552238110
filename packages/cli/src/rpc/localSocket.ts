import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';

/** The system keeps the path of a socket in a field of fixed size, with a zero byte at its end. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** A process that replaces a stale socket takes milliseconds; an older lock is left from one that was killed. */
const LOCK_MS = 10_000;

/** A running server uses this socket, or it is another kind of file. */
export class SocketInUseError extends Error {
  override readonly name = 'SocketInUseError';
}

/** Undefined for a path that the system accepts. Node would shorten the path and use another file. */
export function pathLengthProblem(path: string, what: string): string | undefined {
  const bytes = Math.max(Buffer.byteLength(path), Buffer.byteLength(temporaryPath(path)));
  if (process.platform === 'win32' || bytes <= MAX_PATH_BYTES) return undefined;
  return `The path of the ${what} socket, ${JSON.stringify(path)}, has ${bytes} bytes; the system allows ${MAX_PATH_BYTES}.`;
}

/**
 * Listens on a Unix socket of mode 0600, or on a named pipe on Windows. The socket of a process that was killed is
 * replaced; of several processes that try at the same time, one succeeds.
 *
 * @returns removes the socket from its folder, unless it has been replaced
 * @throws SocketInUseError; and Node's own error, such as `EACCES`
 */
export async function listenLocally(server: Server, path: string): Promise<() => void> {
  if (process.platform === 'win32') {
    await bind(server, path);
    return () => {};
  }
  // Under a path of its own first: what appears at `path` already answers.
  const own = temporaryPath(path);
  await bind(server, own);
  try {
    await publish(own, path);
    const { ino, dev } = lstatSync(own);
    return () => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.ino === ino && found.dev === dev) unlinkSync(path);
    };
  } catch (error) {
    server.close();
    throw error;
  } finally {
    // Closing the server removes it, too.
    rmSync(own, { force: true });
  }
}

function temporaryPath(path: string): string {
  return join(dirname(path), `.${randomBytes(2).toString('hex')}`);
}

/** Gives the socket its second name, which fails when there is one already. */
async function publish(own: string, path: string): Promise<void> {
  try {
    linkSync(own, path);
    return;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) throw new SocketInUseError();
  const unlock = lock(`${path}.lock`);
  try {
    // Only the holder of the lock removes a socket, so that it cannot be one that was made in the meantime.
    if (await answers(path)) throw new SocketInUseError();
    unlinkSync(path);
    linkSync(own, path);
  } catch (error) {
    throw isCode(error, 'EEXIST') ? new SocketInUseError() : error;
  } finally {
    unlock();
  }
}

function lock(path: string): () => void {
  const held = statSync(path, { throwIfNoEntry: false });
  if (held && Date.now() - held.mtimeMs > LOCK_MS) rmdirSync(path);
  try {
    mkdirSync(path);
  } catch (error) {
    throw isCode(error, 'EEXIST') ? new SocketInUseError() : error;
  }
  return () => rmdirSync(path);
}

/** The socket has mode 0600 from its first moment. */
async function bind(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177);
  try {
    // Binds before it returns.
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  try {
    await once(server, 'listening');
  } catch (error) {
    throw isCode(error, 'EADDRINUSE') ? new SocketInUseError() : error;
  }
}

/** True when a server accepts connections at the path. */
export async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // The backlog of a busy server is full.
    return !isCode(error, 'ECONNREFUSED') && !isCode(error, 'ENOENT');
  } finally {
    socket.destroy();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
