import type { ProtocolVersion, RoomSummary, ServerMessage, CallbackOptions } from '@quietroom/protocol';
import {
  assertTimeout,
  resolveConfig,
  resolveTextOptions,
  type ConnectorConfig,
  type ResolvedConfig,
} from './options/config.js';
import { rawRequest, type Request } from './requests/request.js';
import { DIAGNOSTICS } from './observe/diagnostics.js';
import { Dispatcher, type CallbackArguments, type CallbackKind } from './events/dispatcher.js';
import { ConnectorError, RoomError, type ConnectorErrorCode } from './errors.js';
import type { SendFileOptions } from './files/transfer/fileOptions.js';
import type { FileSource } from './files/source/fileSource.js';
import type { SentFile } from './files/transfer/outgoingFiles.js';
import type { FileTransfer } from './files/transfer/progress.js';
import { Client } from './client.js';
import type { ConnectorState } from './observe/state.js';
import { codeOf, type LogEntry } from './observe/log.js';
import { receiptOf, type Receipt } from './requests/receipts.js';
import { joinError, leaveError, unanswered } from './callErrors.js';
import { CallPromise, type Deferred } from './requests/callPromise.js';
import type { ConnectorStats } from './observe/stats.js';
import type { Outcomes } from './requests/pendingCall.js';
import {
  assertCommand,
  assertPassword,
  assertPlace,
  assertRecipient,
  assertRoom,
  chatParts,
  dmParts,
  type TextOptions,
} from './messages/messageText.js';

/** Errors of sends whose connection has ended. */
const END_CODES: ReadonlySet<ConnectorErrorCode> = new Set([
  'CONNECTION_LOST',
  'DISCONNECTED',
  'PROTOCOL_VIOLATION',
  'SERVER_SHUTDOWN',
  'SERVER_SILENT',
]);

/** Options of a call that waits for the server. */
export interface CallOptions {
  /**
   * Aborting it rejects the call with the signal's reason. Parts that were not sent yet are not sent.
   */
  signal?: AbortSignal;
}

/** Options of a send. The defaults, except for `signal`, are those of the configuration. */
export interface SendOptions extends CallOptions, Partial<TextOptions> {}

/** A room that was joined. */
export interface JoinResult {
  readonly room: string;
  /** Whether this call created it. */
  readonly created: boolean;
}

type Callback<K extends CallbackKind> = (...args: CallbackArguments[K]) => unknown;

/**
 * A client of a QuietRoom server, for bots, bridges and tools.
 *
 * Its name is on the server from when `connect()` resolves until `disconnect()` or the end of the process. Callbacks
 * are called in the order of registration, with messages in the order of arrival; they are not awaited. The error of a
 * callback that throws or rejects goes to `onError` and affects nothing else, as does the error of a call that is not
 * awaited.
 *
 * A username does not prove identity: anyone can log in under a free name. Do not authorise by it.
 *
 * @example
 * const bot = new QuietRoomConnector({ serverHost: 'chat.example', username: 'EchoBot', reconnect: true });
 * bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
 * await bot.connect();
 */
export class QuietRoomConnector implements AsyncDisposable {
  readonly #config: ResolvedConfig;
  readonly #dispatcher: Dispatcher;
  readonly #client: Client;

  /** @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN` */
  constructor(config: ConnectorConfig = {}) {
    this.#config = resolveConfig(config);
    this.#dispatcher = new Dispatcher(this, this.#config.ownMessages);
    const dispatcher = this.#dispatcher;
    this.#client = new Client(this.#config, {
      takesMessage: (message, isAnswer) => dispatcher.takes(message, isAnswer),
      message: dispatcher.deliver,
      stateChanged: (change) => {
        if (DIAGNOSTICS.state.hasSubscribers) DIAGNOSTICS.state.publish({ connector: this, ...change });
        dispatcher.call('stateChange', change.state, change);
      },
      disconnected: (reason) => dispatcher.call('disconnect', reason),
      offered: (offer) => {
        if (!dispatcher.hears('fileOffer')) return false;
        dispatcher.call('fileOffer', offer);
        return true;
      },
      failed: (error) => dispatcher.report(error),
      unawaited: (error) => this.#reportUnawaited(error),
      log: (entry) => this.#log(entry),
    });
  }

  /** True from when `connect()` resolves until the connection ends. */
  get isConnected(): boolean {
    return this.#client.state === 'connected';
  }

  get state(): ConnectorState {
    return this.#client.state;
  }

  /** The name on the server: `username`, or `fallbackUsername` if that was in use. */
  get username(): string {
    return this.#client.username;
  }

  /**
   * The version of the server; undefined without a connection, and until a message of the server shows it. After any
   * list or room message it is known.
   */
  get serverVersion(): ProtocolVersion | undefined {
    return this.#client.serverVersion;
  }

  /** The rooms that this connector is in, as confirmed by the server; in the order of joining. */
  get joinedRooms(): readonly string[] {
    return this.#client.joinedRooms;
  }

  /** The room joined last, as confirmed by the server; undefined: the lobby. */
  get currentRoom(): string | undefined {
    return this.#client.currentRoom;
  }

  /** Whether a send would be accepted now: connected, or holding sends while reconnecting, and the queue is not full. */
  get writable(): boolean {
    return this.#client.writable;
  }

  /**
   * Resolves when the connector has ended: with null after `disconnect()` or `drain()`, otherwise with the reason why it
   * does not reconnect. Never rejects.
   */
  get closed(): Promise<Error | null> {
    return this.#client.closed;
  }

  /** Called with each direct message, including those to oneself. */
  onDm(callback: Callback<'dm'>, options?: CallbackOptions): this {
    return this.#on('dm', callback, options);
  }

  /**
   * Called with each room message by another user; see `ownMessages` for our own. `room` is empty if a 1.1 server does
   * not name it.
   */
  onRoomMessage(callback: Callback<'room'>, options?: CallbackOptions): this {
    return this.#on('room', callback, options);
  }

  /** Called with each lobby message by another user; see `ownMessages` for our own. */
  onLobbyMessage(callback: Callback<'lobby'>, options?: CallbackOptions): this {
    return this.#on('lobby', callback, options);
  }

  /** Called when another user joins or leaves the server, or the room `event.room`. */
  onPresence(callback: Callback<'presence'>, options?: CallbackOptions): this {
    return this.#on('presence', callback, options);
  }

  /** Called with every other text of the server that does not answer a call. */
  onSystemMessage(callback: Callback<'system'>, options?: CallbackOptions): this {
    return this.#on('system', callback, options);
  }

  /**
   * Called with every text as the server sent it, before the other callbacks: messages, notices and answers. Two kinds of
   * answers are left out: those to `/features`, which a fast file transfer asks many times a second, and those that show
   * whether packets can share a write.
   */
  onMessage(callback: Callback<'message'>, options?: CallbackOptions): this {
    return this.#on('message', callback, options);
  }

  /**
   * Called when a user offers a file, to accept or decline it. An offer that is neither is declined after 5 minutes;
   * without such a callback, at once.
   *
   * @example
   * bot.onFileOffer(async (offer) => {
   *   const { path, bytes } = await offer.accept('./incoming/', { maxBytes: 50_000_000 });
   *   console.log(`${offer.sender} sent ${path}, ${bytes} bytes`);
   * });
   */
  onFileOffer(callback: Callback<'fileOffer'>, options?: CallbackOptions): this {
    return this.#on('fileOffer', callback, options);
  }

  /**
   * Called once for each connection that ends: with null after `disconnect()`, otherwise with the reason. With
   * `reconnect`, the state is then `reconnecting`.
   */
  onDisconnect(callback: Callback<'disconnect'>, options?: CallbackOptions): this {
    return this.#on('disconnect', callback, options);
  }

  /** Called at each change of `state`, and for each attempt to reconnect. */
  onStateChange(callback: Callback<'stateChange'>, options?: CallbackOptions): this {
    return this.#on('stateChange', callback, options);
  }

  /**
   * Called with errors thrown by callbacks, errors of calls that are not awaited, rooms that could not be rejoined, and
   * the reason why reconnecting stopped. Without such a callback Node prints a warning; the process goes on.
   */
  onError(callback: Callback<'error'>, options?: CallbackOptions): this {
    return this.#on('error', callback, options);
  }

  /**
   * Connects and logs in. Callbacks that are added right after `await connect()` miss nothing. It does not retry:
   * `reconnect` is for connections that are lost later.
   *
   * @throws LoginError `NAME_TAKEN`, `NAME_INVALID`
   * @throws SecurityError `PIN_MISMATCH`, `SIGNATURE_INVALID`, `DH_KEY_INVALID`
   * @throws ConnectorError `CONNECT_TIMEOUT`, `CONNECT_CANCELLED`, `ALREADY_CONNECTED` and others
   * @throws Node's own errors for a missing `certFile` and for the network; the signal's reason
   */
  async connect({ signal }: CallOptions = {}): Promise<void> {
    await this.#client.connect(signal);
  }

  /**
   * Sends what is queued, then `/quit`, and closes; stops reconnecting. Safe at any time and any number of times; during
   * `connect()`, which then rejects. Resolves when everything is closed: within 5 s, or 10 s when messages wait for the
   * server; in steady mode, each takes up to 5 intervals longer.
   */
  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  /**
   * Refuses further calls, waits until earlier ones have settled, receipts included, and disconnects.
   *
   * @param options `timeout`: seconds after which it disconnects in any case, default 30. Aborting `signal` disconnects
   * at once, and rejects with the signal's reason.
   * @throws ConnectorError `OPTION_INVALID`
   */
  async drain({ timeout = 30, signal }: CallOptions & { timeout?: number } = {}): Promise<void> {
    assertTimeout(timeout);
    await this.#client.drain(timeout * 1000, signal);
  }

  /** Resolves when the queue is empty: everything was handed to TLS, or refused. */
  async flush({ signal }: CallOptions = {}): Promise<void> {
    await this.#client.flush(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Sends a direct message. Servers replace line breaks and runs of white space in it with one space: see `newlines`. A
   * long text is sent in parts, with one receipt.
   *
   * @throws ConnectorError `RECIPIENT_INVALID`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `OPTION_INVALID`,
   * `OPTION_UNKNOWN`, `NOT_CONNECTED`, `QUEUE_FULL`, `QUEUE_EXPIRED`, `DISCONNECTED`; ConnectionLostError, when
   * nothing of it has left; the signal's reason
   * @example
   * const receipt = await bot.sendDm('alice', 'Disk full on db1');
   * if (receipt.status !== 'accepted') console.error(receipt.status, receipt.reason);
   */
  sendDm(recipient: string, text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => {
      assertRecipient(recipient);
      const parts = dmParts(text, this.#longestName, textOptions, this.#config.maxTextBytes);
      return parts.map((part) => ({ type: 'dm', user: recipient, text: part }));
    });
  }

  /**
   * Sends chat to the room joined last, or to the lobby if that was left or none was joined; in the order of calls. If
   * the server refused the join, the message is refused too: by a 1.2 server (`not-a-member`), or here for a 1.1 server
   * (`NOT_IN_ROOM`). Text that looks like a command is sent as chat.
   *
   * @throws ConnectorError as `sendDm`, and `NOT_IN_ROOM`, `NO_ANSWER`
   */
  sendMessage(text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => this.#chat(this.#client.chatRoom, text, textOptions));
  }

  /**
   * Sends chat to a room that this connector is in. A 1.1 server accepts it only for the room joined last.
   *
   * @throws ConnectorError as `sendDm`, and `ROOM_NAME_INVALID`, `NOT_SUPPORTED`, `NOT_IN_ROOM`, `NO_ANSWER`
   */
  sendRoomMessage(room: string, text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => {
      assertRoom(room);
      return this.#chat(room, text, textOptions);
    });
  }

  /**
   * Sends chat to the lobby. A 1.1 server accepts it only from users without a current room.
   *
   * @throws ConnectorError as `sendDm`, and `NOT_SUPPORTED`, `NO_ANSWER`
   */
  sendLobbyMessage(text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => this.#chat(undefined, text, textOptions));
  }

  /**
   * Joins a room, or creates it; with a password, a protected one. It becomes the current room.
   *
   * @throws RoomError `PASSWORD_REQUIRED`, `PASSWORD_WRONG`, `ROOM_NAME_INVALID`
   * @throws ConnectorError `ROOM_NAME_INVALID`, `PASSWORD_INVALID`, `ROOM_LIMIT`, `NO_ANSWER`, and as `sendDm`
   */
  joinRoom(room: string, password = '', { signal }: CallOptions = {}): Promise<JoinResult> {
    const read = ([outcome]: Outcomes): JoinResult => {
      const error = joinError(room, outcome);
      if (error) throw error;
      return { room, created: answerIn([outcome])?.type === 'createdRoom' };
    };
    return this.#call(signal, read, () => {
      assertRoom(room);
      assertPassword(password);
      return [{ type: 'join', room, password }];
    });
  }

  /**
   * Leaves a room.
   *
   * @throws RoomError `NOT_IN_ROOM`
   * @throws ConnectorError `ROOM_NAME_INVALID`, `NO_ANSWER`, and as `sendDm`
   */
  leaveRoom(room: string, { signal }: CallOptions = {}): Promise<void> {
    const read = ([outcome]: Outcomes): void => {
      const error = leaveError(room, outcome);
      if (error) throw error;
    };
    return this.#call(signal, read, () => {
      assertRoom(room);
      return [{ type: 'leave', room }];
    });
  }

  /**
   * The names of all users, in no order; on 1.1, of those in the current room or, without one, in the lobby.
   *
   * @throws ConnectorError `NO_ANSWER`, and as `sendDm`
   */
  listUsers({ signal }: CallOptions = {}): Promise<readonly string[]> {
    return this.#call(signal, usersIn, () => [{ type: 'users' }]);
  }

  /** All rooms, in no order; throws as `listUsers`. */
  listRooms({ signal }: CallOptions = {}): Promise<readonly RoomSummary[]> {
    return this.#call(signal, roomsIn, () => [{ type: 'rooms' }]);
  }

  /**
   * The names of the users in a room; for `lobby`, of those in no room. On 1.1 only of the current room or, without one,
   * of the lobby.
   *
   * @throws RoomError `ROOM_NOT_FOUND`: there is no such room, or it has a password and this connector is not in it
   * @throws ConnectorError `ROOM_NAME_INVALID`, `NOT_SUPPORTED`, `NO_ANSWER`, and as `sendDm`
   */
  listMembers(room: string, { signal }: CallOptions = {}): Promise<readonly string[]> {
    const read = (outcomes: Outcomes): readonly string[] => {
      const answer = answerIn(outcomes);
      if (answer?.type === 'members') return answer.members;
      if (answer?.type === 'users') return answer.users;
      if (answer === undefined) throw unanswered(outcomes[0]);
      throw new RoomError(
        'ROOM_NOT_FOUND',
        room,
        `There is no room ${JSON.stringify(room)}, or it has a password and you are not in it.`,
      );
    };
    return this.#call(signal, read, () => {
      assertPlace(room);
      return [{ type: 'members', place: room }];
    });
  }

  /**
   * Offers a file to a user and sends it when it is accepted; one file at a time, in the order of calls. Resolves when the
   * server has relayed all of it; the recipient compares the hash. The result has a `progress` to iterate.
   *
   * @param source a path or `file:` URL, bytes, a Blob, or an async source of bytes, which needs a `size`, and a `sha256`
   * if it can be read only once
   * @throws FileTransferError `FILE_OFFLINE`, `FILE_DECLINED`, `FILE_EXPIRED`, `FILE_CANCELLED`, `FILE_TIMED_OUT`,
   * `FILE_INTERRUPTED`, `FILE_EMPTY`, `FILE_TOO_LARGE`, `FILE_NAME_INVALID`, `FILE_REFUSED`, `FILE_CHANGED`,
   * `FILE_SOURCE_FAILED`; ConnectorError as `sendDm`; the signal's reason
   * @example
   * const { name, bytes, seconds } = await bot.sendFile('alice', './report.pdf');
   */
  sendFile(recipient: string, source: FileSource, options: SendFileOptions = {}): FileTransfer<SentFile> {
    return this.#client.sendFile(recipient, source, options);
  }

  /**
   * Sends a command unchanged, such as `/help` or `[#room] text`, and resolves with the text of the answer; null if none
   * came in time. `/quit` acts as `disconnect()`; for files use `sendFile` and `onFileOffer`. This is the only call that
   * sends text as a command: never give it text written by others.
   *
   * @throws ConnectorError `COMMAND_INVALID`, and as `sendDm`
   */
  sendCommand(command: string, { signal }: CallOptions = {}): Promise<string | null> {
    return this.#begin((promise) => {
      this.#client.assertTakesCalls();
      const { steady, maxTextBytes } = this.#config;
      assertCommand(command, this.#longestName, steady === false ? undefined : maxTextBytes);
      const request = rawRequest(command);
      // Sent as a command, it would be reported as a lost connection.
      if (request.meaning.type === 'quit') void this.disconnect().then(() => promise.resolve(null));
      else this.#client.send([request], rawAnswerIn, promise, signal);
    });
  }

  /**
   * The seconds from a question to the server to its answer. No other user sees it.
   *
   * @throws ConnectorError `NOT_CONNECTED`, `NO_ANSWER`; the signal's reason
   */
  rtt({ signal }: CallOptions = {}): Promise<number> {
    return this.#begin((promise) => this.#client.rtt(promise, signal));
  }

  /** Counters of all connections so far, and the current state. */
  stats(): ConnectorStats {
    return this.#client.stats();
  }

  /** The longest name that it may have when a text is sent. */
  get #longestName(): string {
    const { username, fallbackUsername = '' } = this.#config;
    return username.length > fallbackUsername.length ? username : fallbackUsername;
  }

  #on<K extends CallbackKind>(kind: K, callback: Callback<K>, options: CallbackOptions | undefined): this {
    this.#dispatcher.add(kind, callback, options);
    return this;
  }

  #chat(room: string | undefined, text: string, options: TextOptions): Request[] {
    const parts = chatParts(text, this.#longestName, room, options, this.#config.maxTextBytes);
    return parts.map((part) => ({ type: 'chat', room, text: part }));
  }

  #send(
    options: SendOptions | undefined,
    requests: (options: TextOptions) => readonly Request[],
  ): Promise<Receipt> {
    const promise = new CallPromise<Receipt>(this.#reportUnawaited);
    try {
      this.#client.assertTakesCalls();
      const read = DIAGNOSTICS.receipt.hasSubscribers ? this.#publishedReceipt() : receiptOf;
      if (options === undefined) {
        this.#client.send(requests(this.#config), read, promise, undefined);
      } else {
        const { signal, ...given } = options;
        this.#client.send(requests(resolveTextOptions(this.#config, given)), read, promise, signal);
      }
    } catch (error) {
      promise.reject(error);
    }
    return promise;
  }

  #publishedReceipt(): (outcomes: Outcomes) => Receipt {
    const { clock } = this.#config;
    const calledAt = clock.now();
    return (outcomes) => {
      const receipt = receiptOf(outcomes);
      DIAGNOSTICS.receipt.publish({ connector: this, receipt, seconds: (clock.now() - calledAt) / 1000 });
      return receipt;
    };
  }

  /** Resolves with the result of `read`; rejects with the error of `requests` or `read`. */
  #call<T>(
    signal: AbortSignal | undefined,
    read: (outcomes: Outcomes) => T,
    requests: () => readonly Request[],
  ): Promise<T> {
    const promise = new CallPromise<T>(this.#reportUnawaited);
    try {
      this.#client.assertTakesCalls();
      this.#client.send(requests(), read, promise, signal);
    } catch (error) {
      promise.reject(error);
    }
    return promise;
  }

  #begin<T>(begin: (promise: Deferred<T>) => void): Promise<T> {
    const promise = new CallPromise<T>(this.#reportUnawaited);
    try {
      begin(promise);
    } catch (error) {
      promise.reject(error);
    }
    return promise;
  }

  readonly #reportUnawaited = (error: unknown): void => {
    // onDisconnect reports the end of a connection.
    if (error instanceof ConnectorError && END_CODES.has(error.code)) return;
    this.#log({
      level: 'warn',
      event: 'sendFailed',
      message: 'A call that is not awaited failed.',
      ...codeOf(error),
    });
    this.#dispatcher.report(error);
  };

  #log(entry: LogEntry): void {
    if (DIAGNOSTICS.log.hasSubscribers) DIAGNOSTICS.log.publish({ connector: this, entry });
    const { log } = this.#config;
    if (log === undefined) return;
    try {
      log(entry);
    } catch (error) {
      this.#dispatcher.report(error);
    }
  }
}

/** The server's answer to a single request. */
function answerIn([outcome]: Outcomes): ServerMessage | undefined {
  return outcome?.type === 'answered' ? outcome.message : undefined;
}

function usersIn(outcomes: Outcomes): readonly string[] {
  const answer = answerIn(outcomes);
  if (answer?.type === 'users') return answer.users;
  throw unanswered(outcomes[0]);
}

function roomsIn(outcomes: Outcomes): readonly RoomSummary[] {
  const answer = answerIn(outcomes);
  if (answer?.type === 'rooms') return answer.rooms;
  throw unanswered(outcomes[0]);
}

function rawAnswerIn([outcome]: Outcomes): string | null {
  return outcome?.type === 'answered' ? outcome.raw : null;
}
