import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { callMethod, type AdminTarget } from './adminMethods.js';
import { errorLine, parseRequest, resultLine, RPC_ERRORS, RpcError, type RpcId } from './jsonRpc.js';

/** Longer requests are refused; the longest text is 4000 bytes. */
const MAX_REQUEST_BYTES = 32 * 1024;

/** All that a connection may take, whether it sends, reads or does nothing. */
const CONNECTION_MS = 30_000;

const MAX_CONNECTIONS = 16;

export interface AdminServerOptions {
  /** Default 30 s. */
  readonly connectionMs?: number;
}

/** A running server uses this socket. */
export class SocketInUseError extends Error {
  override readonly name = 'SocketInUseError';
}

/** The admin socket: answers requests of this user, one line each. */
export class AdminServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Replaces the socket of a server that was killed.
   *
   * @throws SocketInUseError; and Node's own error, such as `EACCES`
   */
  static async listen(
    path: string,
    target: AdminTarget,
    options: AdminServerOptions = {},
  ): Promise<AdminServer> {
    const server = createServer();
    try {
      await bind(server, path);
    } catch (error) {
      if (!isCode(error, 'EADDRINUSE')) throw error;
      if (process.platform === 'win32' || !lstatSync(path).isSocket() || (await answers(path))) {
        throw new SocketInUseError();
      }
      unlinkSync(path);
      await bind(server, path);
    }
    const admin = new AdminServer(server);
    server.maxConnections = MAX_CONNECTIONS;
    server.on('error', () => {});
    server.on('connection', (socket) => admin.#serve(socket, target, options.connectionMs ?? CONNECTION_MS));
    return admin;
  }

  /** Removes the socket and closes all connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.end(() => socket.destroy());
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, 500);
    await closed;
    clearTimeout(grace);
  }

  #serve(socket: Socket, target: AdminTarget, connectionMs: number): void {
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), connectionMs);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
    let received = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      for (let end = received.indexOf(10); end !== -1; end = received.indexOf(10)) {
        if (end > MAX_REQUEST_BYTES) break;
        const line = received.subarray(0, end).toString();
        received = received.subarray(end + 1);
        // A client that does not read gets no more answers.
        if (!socket.write(answerTo(line, target))) return pauseUntilDrained(socket);
      }
      if (received.length > MAX_REQUEST_BYTES) {
        const error = new RpcError(RPC_ERRORS.request, `A request has at most ${MAX_REQUEST_BYTES} bytes.`);
        socket.end(errorLine(null, error));
        socket.removeAllListeners('data').resume();
      }
    });
  }
}

function pauseUntilDrained(socket: Socket): void {
  socket.pause();
  socket.once('drain', () => {
    socket.resume();
    // Lines that are already here.
    socket.emit('data', Buffer.alloc(0));
  });
}

function answerTo(line: string, target: AdminTarget): string {
  let id: RpcId = null;
  try {
    const request = parseRequest(line);
    ({ id } = request);
    return resultLine(id, callMethod(target, request));
  } catch (error) {
    if (error instanceof RpcError) return errorLine(id, error);
    return errorLine(id, new RpcError(RPC_ERRORS.internal, 'The request failed.'));
  }
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
  await once(server, 'listening');
}

/** True when a server accepts connections at the path. */
async function answers(path: string): Promise<boolean> {
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
