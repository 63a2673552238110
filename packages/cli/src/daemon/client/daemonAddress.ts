import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { isObject } from '../../rpc/jsonRpc.js';
import { pathLengthProblem } from '../../rpc/localSocket.js';

/** Where a daemon listens. */
export interface DaemonAddress {
  /** A Unix socket, or a named pipe on Windows. */
  readonly path: string;
  /** Clients must send it; undefined where only this user can connect. */
  readonly token: string | undefined;
}

const REMEDY = 'Choose another path with --daemon-socket.';

/**
 * The path of the socket of a profile's daemon; on Windows, of the file that names its pipe and its token.
 *
 * @param profile undefined: the daemon of those who use none
 * @throws Failure when the system does not accept a path of this length
 */
export function daemonSocketPath(
  given: string | undefined,
  profile: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const path = given ?? join(defaultFolder(environment), `${profile ?? 'default'}.${FILE_ENDING}`);
  const problem = pathLengthProblem(path, 'daemon');
  if (problem !== undefined) throw new Failure(EXIT_CODES.failure, `${problem} ${REMEDY}`);
  return path;
}

const FILE_ENDING = process.platform === 'win32' ? 'json' : 'sock';

function defaultFolder({ XDG_RUNTIME_DIR: runtime, LOCALAPPDATA: local }: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(local ?? homedir(), 'quietroom');
  // The XDG specification says to ignore relative paths.
  if (runtime?.startsWith('/') === true) return join(runtime, 'quietroom');
  return join(homedir(), '.local', 'state', 'quietroom', 'run');
}

/**
 * The address of the daemon with this socket; undefined when there is no such socket.
 *
 * @throws Failure when another user could have made the socket, or could use it
 */
export function daemonAddress(path: string): DaemonAddress | undefined {
  if (process.platform === 'win32') return readPipeFile(path);
  const socket = lstatSync(path, { throwIfNoEntry: false });
  if (socket === undefined) return undefined;
  assertPrivateFolder(dirname(path));
  const where = JSON.stringify(path);
  if (!socket.isSocket()) throw unsafe(`${where} is not a socket.`);
  if (!isPrivate(socket)) throw unsafe(`The socket ${where} must belong to this user and have mode 0600.`);
  return { path, token: undefined };
}

/** @throws Failure unless the folder is this user's alone */
export function assertPrivateFolder(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true && isPrivate(found)) return;
  throw unsafe(`The folder ${JSON.stringify(folder)} must belong to this user and have mode 0700.`);
}

function isPrivate({ uid, mode }: Stats): boolean {
  return uid === process.getuid?.() && (mode & 0o077) === 0;
}

/**
 * Reads the file that a daemon on Windows writes. Node cannot restrict a pipe to one user, but the file is in a folder
 * that only this user can read.
 */
export function readPipeFile(path: string): DaemonAddress | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unsafe(`The file ${JSON.stringify(path)} cannot be read.`);
  }
  if (!isObject(content) || typeof content['pipe'] !== 'string' || typeof content['token'] !== 'string') {
    throw unsafe(`The file ${JSON.stringify(path)} is not one of a daemon.`);
  }
  return { path: content['pipe'], token: content['token'] };
}

function unsafe(problem: string): Failure {
  return new Failure(EXIT_CODES.failure, `${problem} ${REMEDY} --no-daemon does without a daemon.`);
}
