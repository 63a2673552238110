import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { makeFolder } from '../../output/makeFolder.js';
import { answers, SocketInUseError } from '../../rpc/localSocket.js';
import type { RpcHandler } from '../../rpc/rpcConnection.js';
import { RpcServer } from '../../rpc/rpcServer.js';
import { assertPrivateFolder, readPipeFile, type DaemonAddress } from '../client/daemonAddress.js';
import { DAEMON_LIMITS } from '../protocol/limits.js';

/** The token of a daemon; undefined where the socket can be restricted to this user. */
export function newToken(): string | undefined {
  return process.platform === 'win32' ? randomBytes(32).toString('hex') : undefined;
}

/** The socket of a daemon; on Windows, its pipe and the file that names it. */
export class DaemonSocket {
  readonly #path: string;
  readonly #server: RpcServer;

  private constructor(path: string, server: RpcServer) {
    this.#path = path;
    this.#server = server;
  }

  /**
   * Makes the folder if it is missing, and listens.
   *
   * @param token what clients must send; undefined where the socket has a mode
   * @throws Failure when another daemon has the socket, or the folder is not this user's alone
   */
  static async listen(path: string, token: string | undefined, handler: RpcHandler): Promise<DaemonSocket> {
    try {
      makePrivateFolder(dirname(path));
      const address = token === undefined ? path : await newPipe(path);
      const server = await RpcServer.listen(address, { ...DAEMON_LIMITS, handler });
      if (token !== undefined) writePipeFile(path, { path: address, token });
      return new DaemonSocket(path, server);
    } catch (error) {
      throw listenFailure(error, path);
    }
  }

  /** Removes the socket and closes all connections. */
  async close(): Promise<void> {
    if (process.platform === 'win32') rmSync(this.#path, { force: true });
    await this.#server.close();
  }
}

function makePrivateFolder(folder: string): void {
  if (!existsSync(folder)) {
    makeFolder(folder);
    chmodSync(folder, 0o700);
  }
  if (process.platform !== 'win32') assertPrivateFolder(folder);
}

/** A pipe that others cannot guess. */
async function newPipe(path: string): Promise<string> {
  const running = readPipeFile(path);
  if (running && (await answers(running.path))) throw new SocketInUseError();
  return String.raw`\\.\pipe\quietroom-${randomBytes(16).toString('hex')}`;
}

function writePipeFile(path: string, { path: pipe, token }: DaemonAddress): void {
  rmSync(path, { force: true });
  writeFileSync(path, JSON.stringify({ pipe, token }), { mode: 0o600, flag: 'wx' });
}

function listenFailure(error: unknown, path: string): unknown {
  const where = JSON.stringify(path);
  if (error instanceof SocketInUseError) {
    return new Failure(
      EXIT_CODES.failure,
      `The socket ${where} is in use by a running daemon, or is another kind of file. "quietroom daemon status" shows that daemon; choose another path with --daemon-socket.`,
      { cause: error },
    );
  }
  if (error instanceof Failure || !(error instanceof Error) || !('code' in error)) return error;
  return new Failure(
    EXIT_CODES.failure,
    `The socket ${where} cannot be made (${String(error.code)}). Choose another path with --daemon-socket.`,
    { cause: error },
  );
}
