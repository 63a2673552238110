import type { CallbackOptions } from './observe/callbacks.js';
import { ServerFaults } from './faults/faults.js';
import { resolveIdentity } from './identity/identity.js';
import { guardLog } from './observe/log.js';
import { resolveOptions, type ReloadableOptions, type ServerOptions } from './options/options.js';
import type { MessageCallback, PresenceCallback, TransferCallback } from './observe/events.js';
import { Service } from './service.js';
import type { ServerStats } from './stats.js';

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

  /** What can go wrong on purpose, in tests. */
  readonly faults: ServerFaults;

  readonly #service: Service;
  #certPem: string;
  #closed: Promise<void> | undefined;

  private constructor(host: string, port: number, certPem: string, service: Service) {
    this.host = host;
    this.port = port;
    this.#certPem = certPem;
    this.#service = service;
    this.faults = new ServerFaults(service, (newCertPem) => {
      this.#certPem = newCertPem;
    });
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
    const identity = await resolveIdentity(resolved);
    const service = new Service(resolved);
    const port = await service.listen(identity, resolved.port);
    return new QuietRoomServer(resolved.host, port, identity.certPem, service);
  }

  /** Its certificate, as PEM: what clients must pin. */
  get certPem(): string {
    return this.#certPem;
  }

  /** The names of those who are logged in, in the order of their coming. */
  get users(): string[] {
    return this.#service.chat.names;
  }

  /**
   * Calls back when somebody has joined the chat or a room: with their name, and with `lobby` or the name of
   * the room. A callback that throws or rejects is told to the `log` as `callbackFailed`, and harms nothing.
   *
   * @example
   * server.onJoin((name, place) => console.log(`${name} is in ${place}`));
   */
  onJoin(callback: PresenceCallback, options?: CallbackOptions): this {
    this.#service.events.joined.add(callback, options);
    return this;
  }

  /** Calls back when somebody has left a room or the chat, whichever way; as `onJoin` does. */
  onLeave(callback: PresenceCallback, options?: CallbackOptions): this {
    this.#service.events.left.add(callback, options);
    return this;
  }

  /**
   * Calls back with each message that was sent on, after it was: to the lobby, to a room, or to somebody.
   * Otherwise as `onJoin` does.
   *
   * @example
   * server.onMessage((message) => {
   *   if (message.type === 'dm') console.log(`${message.sender} to ${message.recipient}: ${message.text}`);
   * });
   */
  onMessage(callback: MessageCallback, options?: CallbackOptions): this {
    this.#service.events.message.add(callback, options);
    return this;
  }

  /**
   * Calls back at each step of each file: when it is offered, accepted, when it runs, and when it is over, with
   * how it ended. What is in it is relayed and not kept. Otherwise as `onJoin` does.
   *
   * @example
   * server.onTransfer((file) => {
   *   if (file.state === 'over') console.log(`${file.fileName} to ${file.recipient}: ${file.end}`);
   * });
   */
  onTransfer(callback: TransferCallback, options?: CallbackOptions): this {
    this.#service.events.transfer.add(callback, options);
    return this;
  }

  /** What the server has done so far and how it stands. Costs as much as there are connections. */
  stats(): ServerStats {
    return this.#service.stats();
  }

  /**
   * Changes limits and decoys while the server runs. Options that are not given stay as they are; one that
   * is given as undefined returns to its default. Decoys change at once; time limits that run already stay.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`, the latter also for options that only a start can
   * change; nothing is changed then
   *
   * @example
   * server.reload({ messagesPerSecond: 20, decoyTraffic: false });
   */
  reload(options: ReloadableOptions): void {
    this.#service.reload(options);
  }

  /**
   * Tells everyone that the server shuts down and closes all connections. Resolves when all is closed and
   * nothing of the server keeps the process alive: after a second at the latest, even when a client does not
   * read. Safe any number of times.
   */
  close(): Promise<void> {
    this.#closed ??= this.#service.shutDown();
    return this.#closed;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
