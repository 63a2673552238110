import { normalizeUsername, type ServerMessage } from '@quietroom/protocol';
import { Callbacks, type CallbackOptions } from './callbacks.js';
import { resolveConfig, type ConnectorConfig, type ResolvedConfig } from './config.js';
import type { Connection } from './connection.js';
import { ConnectorError, LoginError, type ConnectionLostError, type ConnectorErrorCode } from './errors.js';
import { establish } from './establish.js';
import { Outgoing } from './outgoing.js';
import { loadPins } from './pins.js';
import { SendPromise } from './sendPromise.js';
import {
  assertCommand,
  assertPassword,
  assertRecipient,
  assertRoom,
  sendableChat,
  sendableDm,
} from './texts.js';

/** How long `disconnect` waits for messages that wait for the server. */
const IDLE_TIMEOUT_MS = 5000;

/** What a send rejects with because its connection has ended. */
const END_CODES: ReadonlySet<ConnectorErrorCode> = new Set([
  'CONNECTION_LOST',
  'DISCONNECTED',
  'PROTOCOL_VIOLATION',
  'SERVER_SHUTDOWN',
]);

/** Where a connector is in its life. */
export type ConnectorState = 'disconnected' | 'connecting' | 'connected' | 'disconnecting';

/**
 * A client of a QuietRoom server, for bots, bridges and tools.
 *
 * Its name is on the server from when `connect()` resolves until `disconnect()` or the end of the process.
 * Callbacks are called in the order of registration, messages come in the order of arrival; callbacks are
 * not awaited. One that throws or rejects is reported to `onError`, and disturbs nothing; so is a send that
 * fails while nobody awaits it.
 *
 * Names are no identity: whoever holds the connection has the name. Do not authorise by it.
 *
 * @example
 * const bot = new QuietRoomConnector({ serverHost: 'chat.example', username: 'EchoBot' });
 * bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
 * await bot.connect();
 */
export class QuietRoomConnector implements AsyncDisposable {
  readonly #config: ResolvedConfig;
  readonly #onMessage: Callbacks<[text: string]>;
  readonly #onDm: Callbacks<[sender: string, message: string]>;
  readonly #onDisconnect: Callbacks<[reason: ConnectionLostError | null]>;
  readonly #onError: Callbacks<[error: unknown]>;
  #state: ConnectorState = 'disconnected';
  #attempt: AbortController | undefined;
  #connection: Connection | undefined;
  #outgoing: Outgoing | undefined;
  #ending: Promise<void> = Promise.resolve();

  /** @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN` */
  constructor(config: ConnectorConfig = {}) {
    this.#config = resolveConfig(config);
    const report = (error: unknown): void => this.#report(error);
    this.#onMessage = new Callbacks(report);
    this.#onDm = new Callbacks(report);
    this.#onDisconnect = new Callbacks(report);
    this.#onError = new Callbacks(warn);
  }

  /** True from when `connect()` resolves until the connection ends. */
  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  get state(): ConnectorState {
    return this.#state;
  }

  /** Called with each direct message to this name. */
  onDm(callback: (sender: string, message: string) => unknown, options?: CallbackOptions): this {
    this.#onDm.add(callback, options);
    return this;
  }

  /**
   * Called with every text from the server as it is, before the other callbacks: direct messages, chat,
   * notices, and answers to what this connector asks.
   */
  onMessage(callback: (text: string) => unknown, options?: CallbackOptions): this {
    this.#onMessage.add(callback, options);
    return this;
  }

  /** Called once for each connection that ends: with null after `disconnect()`, else with the reason. */
  onDisconnect(callback: (reason: ConnectionLostError | null) => unknown, options?: CallbackOptions): this {
    this.#onDisconnect.add(callback, options);
    return this;
  }

  /**
   * Called with what other callbacks throw, and with the failure of a send that nobody awaits. Without such
   * a callback Node prints a warning; the process goes on.
   */
  onError(callback: (error: unknown) => unknown, options?: CallbackOptions): this {
    this.#onError.add(callback, options);
    return this;
  }

  /**
   * Connects and logs in. Callbacks that are added right after `await connect()` miss nothing.
   *
   * @throws LoginError `NAME_TAKEN`, `NAME_INVALID`
   * @throws SecurityError `PIN_MISMATCH`, `SIGNATURE_INVALID`, `DH_KEY_INVALID`
   * @throws ConnectorError `CONNECT_TIMEOUT`, `CONNECT_CANCELLED`, `ALREADY_CONNECTED` and others
   * @throws Node's own errors for a missing `certFile` and for the network
   */
  async connect(): Promise<void> {
    if (this.#state !== 'disconnected') {
      throw new ConnectorError(
        'ALREADY_CONNECTED',
        `connect() was called while ${this.#state}. Await disconnect() first.`,
      );
    }
    const username = checkUsername(this.#config.username);
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#state = 'connecting';
    const connecting = this.#connect(username, attempt.signal);
    this.#ending = connecting.catch(() => {});
    await connecting;
  }

  /**
   * Sends `/quit` after what is queued, and closes. Safe at any time, any number of times; during
   * `connect()` it makes that reject. Resolves when nothing is left open: within 5 s, and up to 5 s more when
   * messages wait for the server to answer a join.
   */
  async disconnect(): Promise<void> {
    this.#attempt?.abort(
      new ConnectorError('CONNECT_CANCELLED', 'disconnect() was called during connect().'),
    );
    if (this.#state === 'connected' && this.#connection) {
      this.#state = 'disconnecting';
      this.#ending = this.#leave(this.#connection, this.#outgoing);
    }
    await this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Sends a direct message. Resolves when TLS has taken it. Servers turn line breaks and runs of blanks
   * into one blank each.
   *
   * @throws ConnectorError `RECIPIENT_INVALID`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `NOT_CONNECTED`,
   * `QUEUE_FULL`, `DISCONNECTED`; ConnectionLostError
   */
  sendDm(recipient: string, text: string): Promise<void> {
    return this.#send((outgoing) => {
      assertRecipient(recipient);
      const trimmed = sendableDm(text, this.#config.username);
      return outgoing.request({ type: 'dm', user: recipient, text: trimmed });
    });
  }

  /**
   * Sends chat to the room joined last, or to the lobby when it was left or none was joined; never to another
   * place: after a join that the server refused it is refused with `NOT_IN_ROOM`, until another room is joined
   * or this one is left. Text that a server would take for a command is sent as chat all the same.
   *
   * @throws ConnectorError as `sendDm`, and `NOT_IN_ROOM`, `NO_ANSWER`
   */
  sendMessage(text: string): Promise<void> {
    return this.#send((outgoing) => {
      return outgoing.chat(sendableChat(text, this.#config.username, outgoing.currentRoom));
    });
  }

  /**
   * Joins a room, or makes it. Resolves when TLS has taken the request; what the server says of it comes
   * to `onMessage`.
   *
   * @throws ConnectorError `ROOM_NAME_INVALID`, `PASSWORD_INVALID`, and as `sendDm`
   */
  joinRoom(room: string, password = ''): Promise<void> {
    return this.#send((outgoing) => {
      assertRoom(room);
      assertPassword(password);
      return outgoing.request({ type: 'join', room, password });
    });
  }

  /** Leaves a room; resolves and throws as `joinRoom` does. */
  leaveRoom(room: string): Promise<void> {
    return this.#send((outgoing) => {
      assertRoom(room);
      return outgoing.request({ type: 'leave', room });
    });
  }

  /**
   * Sends a command as it is, such as `/users`, or `[#room] text`; the answer comes to `onMessage`. This is
   * the only call that sends commands from text: never give it what others wrote.
   *
   * @throws ConnectorError `COMMAND_INVALID`, and as `sendDm`
   */
  sendCommand(command: string): Promise<void> {
    return this.#send((outgoing) => {
      assertCommand(command, this.#config.username);
      return outgoing.command(command);
    });
  }

  async #connect(username: string, signal: AbortSignal): Promise<void> {
    try {
      const pins = await loadPins(this.#config);
      signal.throwIfAborted();
      const connection = await establish(this.#config, username, pins, signal);
      if (signal.aborted) await connection.quit();
      signal.throwIfAborted();
      this.#begin(connection);
    } catch (error) {
      this.#state = 'disconnected';
      throw error;
    } finally {
      this.#attempt = undefined;
    }
  }

  async #leave(connection: Connection, outgoing: Outgoing | undefined): Promise<void> {
    const { clock } = this.#config;
    const timer = clock.setTimeout(() => outgoing?.close(disconnected()), IDLE_TIMEOUT_MS);
    await outgoing?.idle();
    clock.clearTimeout(timer);
    await connection.quit();
  }

  #send(send: (outgoing: Outgoing) => Promise<void>): Promise<void> {
    return SendPromise.watch(this.#trySend(send), (error) => {
      // The end of a connection is told by onDisconnect, not once more for each message.
      const isEnd = error instanceof ConnectorError && END_CODES.has(error.code);
      if (!isEnd) this.#report(error);
    });
  }

  #trySend(send: (outgoing: Outgoing) => Promise<void>): Promise<void> {
    if (this.#state !== 'connected' || this.#outgoing === undefined) return Promise.reject(notConnected());
    try {
      return send(this.#outgoing);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #begin(connection: Connection): void {
    const outgoing = new Outgoing(connection, this.#config);
    this.#connection = connection;
    this.#outgoing = outgoing;
    this.#state = 'connected';
    // Not before the caller of connect() has had its turn to add callbacks.
    setImmediate(() => {
      connection.start({
        message: (text, message) => this.#deliver(text, message, outgoing),
        closed: (reason) => this.#end(outgoing, reason),
      });
    });
  }

  #deliver(text: string, message: ServerMessage, outgoing: Outgoing): void {
    outgoing.onMessage(message);
    this.#onMessage.call(text);
    if (message.type === 'dm') this.#onDm.call(message.name, message.text);
  }

  #end(outgoing: Outgoing, reason: ConnectionLostError | null): void {
    outgoing.close(reason ?? disconnected());
    this.#connection = undefined;
    this.#outgoing = undefined;
    this.#state = 'disconnected';
    this.#onDisconnect.call(reason);
  }

  #report(error: unknown): void {
    if (this.#onError.length === 0) warn(error);
    else this.#onError.call(error);
  }
}

function checkUsername(username: string): string {
  const normalized = normalizeUsername(username);
  if (normalized !== undefined) return normalized;
  throw new LoginError(
    'NAME_INVALID',
    `${JSON.stringify(username)} is no name: servers take 1 to 32 of A-Z a-z 0-9 space _ - . and nothing else.`,
  );
}

/** Says with its stack what nobody listens for: it is a mistake in the program, and harms nobody else. */
function warn(error: unknown): void {
  if (error instanceof Error) {
    process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
  } else {
    process.emitWarning(`A callback threw a value that is no Error, of type ${typeof error}.`);
  }
}

function notConnected(): ConnectorError {
  return new ConnectorError('NOT_CONNECTED', 'Not connected. Call connect() and await it first.');
}

function disconnected(): ConnectorError {
  return new ConnectorError('DISCONNECTED', 'disconnect() was called before this was sent.');
}
