import type { CallbackOptions } from '@quietroom/protocol';
import { join } from 'node:path';
import { BanFile } from './admin/banFile.js';
import { Moderation } from './admin/moderation.js';
import { ServerAdmin } from './admin/serverAdmin.js';
import { ServerFaults } from './faults/faults.js';
import { resolveIdentity } from './identity/identity.js';
import { guardLog } from './observe/log.js';
import { resolveOptions, type ReloadableOptions, type ServerOptions } from './options/options.js';
import type { MessageCallback, PresenceCallback, TransferCallback } from './observe/events.js';
import { Service } from './service.js';
import type { ServerStats } from './stats.js';

/** The list of bans in the identity folder. */
const BAN_FILE = 'bans.json';

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
  /** The port that it listens on, also when the option `port` was 0. */
  readonly port: number;

  /** For operators: kick, ban, mute, announce, drain and more. */
  readonly admin: ServerAdmin;

  /** Resolves when the server is closed, by `close()` or at the end of a drain. */
  readonly closed: Promise<void>;

  /** Causes faults on purpose, for tests. */
  readonly faults: ServerFaults;

  readonly #service: Service;
  #certPem: string;
  #closing: Promise<void> | undefined;
  #resolveClosed: () => void = () => {};

  private constructor(host: string, port: number, certPem: string, service: Service) {
    this.host = host;
    this.port = port;
    this.#certPem = certPem;
    this.#service = service;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.admin = new ServerAdmin(service.adminHost(() => void this.close()));
    this.faults = new ServerFaults(service, (newCertPem) => {
      this.#certPem = newCertPem;
    });
  }

  /**
   * Starts a server; resolves when clients can connect. The first start of a process, and the first in an
   * `identityFolder`, take a few seconds longer, because they create an RSA-4096 key.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`, `IDENTITY_INVALID`, `IDENTITY_MISMATCH`,
   * `IDENTITY_INCOMPLETE`, `BANS_INVALID`; and Node's network and file errors, such as `EADDRINUSE`
   */
  static async start(options: ServerOptions = {}): Promise<QuietRoomServer> {
    const given = resolveOptions(options);
    const resolved = { ...given, log: guardLog(given.log) };
    const identity = await resolveIdentity(resolved);
    const { identityFolder, clock, date } = resolved;
    const banFile = identityFolder === undefined ? undefined : new BanFile(join(identityFolder, BAN_FILE));
    const service = new Service(resolved, new Moderation(clock, date, banFile));
    const port = await service.listen(identity, resolved.port);
    return new QuietRoomServer(resolved.host, port, identity.certPem, service);
  }

  /** Its certificate in PEM, which clients must pin. */
  get certPem(): string {
    return this.#certPem;
  }

  /** The names of the users who are logged in, in the order of their logins. */
  get users(): string[] {
    return this.#service.chat.names;
  }

  /**
   * Registers a callback for joins of the chat or a room, with the username and `lobby` or the name of
   * the room. A callback that throws or rejects is logged as `callbackFailed`, without other effects.
   *
   * @example
   * server.onJoin((name, place) => console.log(`${name} is in ${place}`));
   */
  onJoin(callback: PresenceCallback, options?: CallbackOptions): this {
    this.#service.events.joined.add(callback, options);
    return this;
  }

  /** Registers a callback for users who leave a room or the chat, for whatever reason; otherwise like `onJoin`. */
  onLeave(callback: PresenceCallback, options?: CallbackOptions): this {
    this.#service.events.left.add(callback, options);
    return this;
  }

  /**
   * Registers a callback for each relayed message: to the lobby, to a room, or to a user.
   * Otherwise like `onJoin`.
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
   * Registers a callback for each step of each file: offered, accepted, running, and over, with
   * the outcome. The content is relayed and not kept. Otherwise like `onJoin`.
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

  /** Counters and the present state. Takes time in proportion to the connections. */
  stats(): ServerStats {
    return this.#service.stats();
  }

  /**
   * Changes limits and decoys while the server runs. Options that are not given stay as they are; one that
   * is given as undefined returns to its default. Decoys change at once; running time limits stay.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`, the latter also for options that need a
   * restart; then nothing changes
   *
   * @example
   * server.reload({ messagesPerSecond: 20, decoyTraffic: false });
   */
  reload(options: ReloadableOptions): void {
    this.#service.reload(options);
  }

  /**
   * Notifies all users of the shutdown and closes all connections. Resolves when everything is closed and
   * the server no longer keeps the process alive: after a second at the latest, even if a client does not
   * read. Safe any number of times.
   */
  close(): Promise<void> {
    this.#closing ??= this.#service.shutDown().finally(this.#resolveClosed);
    return this.#closing;
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
