import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { errorLine, RPC_ERRORS, RpcError } from './jsonRpc.js';
import { listenLocally } from './localSocket.js';
import { RpcConnection, type RpcHandler, type RpcLimits } from './rpcConnection.js';

/** How long clients that do not read may delay the end. */
const GRACE_MS = 500;

export interface RpcServerOptions extends RpcLimits {
  /** Further clients get the error `busy`, and their connection ends. */
  readonly maxClients: number;
  readonly handler: RpcHandler;
}

/** Answers JSON-RPC requests of this user at a local socket. */
export class RpcServer {
  readonly #server: Server;
  readonly #options: RpcServerOptions;
  readonly #connections = new Set<RpcConnection>();
  #remove: () => void = () => {};

  private constructor(server: Server, options: RpcServerOptions) {
    this.#server = server;
    this.#options = options;
    server.on('error', () => {});
    server.on('connection', (socket) => this.#accept(socket));
  }

  /**
   * Replaces the socket of a server that was killed.
   *
   * @throws SocketInUseError; and Node's own error, such as `EACCES`
   */
  static async listen(path: string, options: RpcServerOptions): Promise<RpcServer> {
    const server = createServer({ allowHalfOpen: true });
    const rpc = new RpcServer(server, options);
    rpc.#remove = await listenLocally(server, path);
    return rpc;
  }

  get clients(): number {
    return this.#connections.size;
  }

  /** Removes the socket and closes all connections. */
  async close(): Promise<void> {
    this.#remove();
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.end();
    const grace = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, GRACE_MS);
    await closed;
    clearTimeout(grace);
  }

  #accept(socket: Socket): void {
    const { maxClients, handler } = this.#options;
    if (this.#connections.size >= maxClients) {
      const error = new RpcError(
        RPC_ERRORS.busy,
        `There are ${maxClients} clients already. Try again later.`,
      );
      socket.on('error', () => {});
      socket.end(errorLine(null, error), () => socket.destroy());
      return;
    }
    const connection = new RpcConnection(socket, this.#options, handler);
    this.#connections.add(connection);
    connection.closed.addEventListener('abort', () => this.#connections.delete(connection), { once: true });
  }
}
