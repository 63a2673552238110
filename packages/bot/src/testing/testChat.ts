import { QuietRoomServer, type ServerFaults, type ServerOptions } from '@quietroom/server';
import type { ConnectorConfig, ReconnectOptions } from 'quietroom-connector';
import type { OwnOptions } from '../options.js';
import { TestUser } from './testUser.js';

/** A bot, as far as `add` uses it. */
interface StartableBot {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Options for a bot in a test. */
export type TestConfig = ConnectorConfig & Pick<OwnOptions<unknown>, 'loopGuard' | 'rateLimit'>;

/**
 * A server in this process, for tests of bots.
 *
 * @example
 * await using chat = await TestChat.start();
 * await chat.add(diceBot(chat.config('DiceBot')));
 * const alice = await chat.join('alice');
 * assert.match(await alice.ask('DiceBot', '!roll 6'), /^You rolled [1-6]/);
 */
export class TestChat implements AsyncDisposable {
  /** For all that this class has no method for. */
  readonly server: QuietRoomServer;
  readonly #users: TestUser[] = [];
  readonly #bots: StartableBot[] = [];
  #isClosed = false;

  private constructor(server: QuietRoomServer) {
    this.server = server;
  }

  /**
   * Starts a server on a free port. The first start in a process takes a few seconds, for a key, unless the options have
   * an `identity`.
   *
   * @throws what `QuietRoomServer.start` throws
   */
  static async start(options: ServerOptions = {}): Promise<TestChat> {
    return new TestChat(await QuietRoomServer.start({ port: 0, decoyTraffic: false, ...options }));
  }

  /** Faults on purpose, such as `chat.faults.cut('DiceBot')`. */
  get faults(): ServerFaults {
    return this.server.faults;
  }

  /**
   * The options of a bot for this server. It sends nothing by itself; loop guard and rate limit are off, because a test
   * writes faster than a person.
   */
  config(username: string): TestConfig {
    // A bot that a test forgot to stop must not keep the process alive.
    const reconnect: ReconnectOptions = { decide: () => (this.#isClosed ? false : undefined) };
    return { ...this.#connection(username), reconnect, loopGuard: false, rateLimit: false };
  }

  /** Starts a bot, which `close` stops. */
  async add<B extends StartableBot>(bot: B): Promise<B> {
    this.#bots.push(bot);
    await bot.start();
    return bot;
  }

  /** Connects a user, and joins the rooms. */
  async join(username: string, ...rooms: readonly string[]): Promise<TestUser> {
    const user = new TestUser(this.#connection(username));
    this.#users.push(user);
    await user.connector.connect();
    for (const room of rooms) await user.connector.joinRoom(room);
    return user;
  }

  /** Stops the bots that were added, disconnects all users and ends the server. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#bots.map((bot) => bot.stop()));
    await Promise.all(this.#users.map((user) => user.leave()));
    await this.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #connection(username: string): ConnectorConfig {
    const { host, port, certPem } = this.server;
    return {
      serverHost: host,
      serverPort: port,
      cert: certPem,
      username,
      decoyTraffic: false,
      livenessInterval: false,
    };
  }
}
