import { Chat } from './chat.js';
import { Connection } from './connection.js';
import { resolveIdentity, type Identity } from './identity.js';
import { Listener } from './listener.js';
import { guardLog, type Log } from './log.js';
import { resolveOptions, type ResolvedOptions, type ServerOptions } from './options.js';

/** How long `close` waits for clients to read the farewell and go; always real time. */
const CLOSE_GRACE_MS = 1000;

/**
 * A QuietRoom server inside this process. Clients of existing servers use it unchanged.
 *
 * @example
 * const server = await QuietRoomServer.start({ port: 0 });
 * const bot = new QuietRoomConnector({ serverPort: server.port, cert: server.certPem });
 * // …
 * await server.close();
 */
export class QuietRoomServer {
  /** The address that it listens on. */
  readonly host: string;
  /** The port that it listens on; also when the option `port` was 0. */
  readonly port: number;
  /** Its certificate, as PEM: what clients must pin. */
  readonly certPem: string;

  readonly #log: Log;
  readonly #chat: Chat;
  readonly #listener: Listener;
  readonly #connections: ReadonlySet<Connection>;
  #closed: Promise<void> | undefined;

  private constructor(
    options: ResolvedOptions,
    identity: Identity,
    chat: Chat,
    listener: Listener,
    connections: ReadonlySet<Connection>,
  ) {
    this.host = options.host;
    this.port = listener.port;
    this.certPem = identity.certPem;
    this.#log = options.log;
    this.#chat = chat;
    this.#listener = listener;
    this.#connections = connections;
  }

  /**
   * Starts a server; resolves when clients can connect. The first start of a process, and the first in an
   * `identityFolder`, take some seconds longer, because they make an RSA-4096 key.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`, `IDENTITY_INVALID`, `IDENTITY_MISMATCH`,
   * `IDENTITY_INCOMPLETE`; and Node's own errors of the network and the file system, such as `EADDRINUSE`
   */
  static async start(options: ServerOptions = {}): Promise<QuietRoomServer> {
    const given = resolveOptions(options);
    const resolved = { ...given, log: guardLog(given.log) };
    const { log, generation, date } = resolved;
    const identity = await resolveIdentity(resolved);
    const chat = new Chat({
      generation,
      date,
      onTooLong: (bytes) => log({ event: 'messageTooLong', bytes }),
    });
    const context = { chat, certificateKey: identity.key, options: resolved };
    const connections = new Set<Connection>();
    const listener = await Listener.listen(identity, resolved, (socket, peer) => {
      const connection = new Connection(socket, peer, context);
      connections.add(connection);
      void connection.open();
      void connection.closed.then(() => connections.delete(connection));
    });
    const server = new QuietRoomServer(resolved, identity, chat, listener, connections);
    log({ event: 'listening', host: server.host, port: server.port });
    return server;
  }

  /** The names of those who are logged in, in the order of their coming. */
  get users(): string[] {
    return this.#chat.names;
  }

  /**
   * Tells everyone that the server shuts down and closes all connections. Resolves when all is closed and
   * nothing of the server keeps the process alive: after a second at the latest, even when a client does not
   * read. Safe any number of times.
   */
  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    const stopped = this.#listener.close();
    for (const peer of this.#listener.peers) {
      if (peer.isLoggedIn) peer.ending('shutdown');
      else peer.destroy('shutdown');
    }
    this.#chat.end();
    const grace = setTimeout(() => {
      for (const peer of this.#listener.peers) peer.destroy('shutdown');
    }, CLOSE_GRACE_MS);
    await stopped;
    clearTimeout(grace);
    await Promise.all([...this.#connections].map((connection) => connection.closed));
    this.#log({ event: 'stopped' });
  }
}
