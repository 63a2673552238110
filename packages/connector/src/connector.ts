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

/** What a send rejects with because its connection has ended. */
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
   * Aborting it makes the call reject with the signal's reason. What has not left by then will not; what has
   * left cannot be taken back.
   */
  signal?: AbortSignal;
}

/** Options of a send; each but `signal` is by default as in the configuration. */
export interface SendOptions extends CallOptions, Partial<TextOptions> {}

/** A room that was joined. */
export interface JoinResult {
  readonly room: string;
  /** It did not exist before. */
  readonly created: boolean;
}

type Callback<K extends CallbackKind> = (...args: CallbackArguments[K]) => unknown;

/**
 * A client of a QuietRoom server, for bots, bridges and tools.
 *
 * Its name is on the server from when `connect()` resolves until `disconnect()` or the end of the process.
 * Callbacks are called in the order of registration, messages come in the order of arrival; callbacks are
 * not awaited. One that throws or rejects is reported to `onError`, and disturbs nothing; so is a call that
 * fails while nobody awaits it.
 *
 * Names are no identity: whoever holds the connection has the name. Do not authorise by it.
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

  /** The name on the server: `username`, or `fallbackUsername` where that was in use. */
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

  /** The rooms that the server says this connector is in, in the order of joining. */
  get joinedRooms(): readonly string[] {
    return this.#client.joinedRooms;
  }

  /** The room joined last, as far as the server has said so; undefined for the lobby. */
  get currentRoom(): string | undefined {
    return this.#client.currentRoom;
  }

  /** True when a send would be taken now: there is a connection, or one is held for, and the queue has room. */
  get writable(): boolean {
    return this.#client.writable;
  }

  /**
   * Resolves when the connector is at its end: with null after `disconnect()` or `drain()`, else with the reason
   * why there will be no more connection. Never rejects.
   */
  get closed(): Promise<Error | null> {
    return this.#client.closed;
  }

  /** Called with each direct message to this name, its own to itself too. */
  onDm(callback: Callback<'dm'>, options?: CallbackOptions): this {
    return this.#on('dm', callback, options);
  }

  /**
   * Called with each message in a room, but not with this connector's own (see `ownMessages`). The room is empty
   * where a 1.1 server does not let it be known.
   */
  onRoomMessage(callback: Callback<'room'>, options?: CallbackOptions): this {
    return this.#on('room', callback, options);
  }

  /** Called with each message in the lobby, but not with this connector's own (see `ownMessages`). */
  onLobbyMessage(callback: Callback<'lobby'>, options?: CallbackOptions): this {
    return this.#on('lobby', callback, options);
  }

  /** Called when somebody else joins or leaves the server, or a room: then `event.room` says which. */
  onPresence(callback: Callback<'presence'>, options?: CallbackOptions): this {
    return this.#on('presence', callback, options);
  }

  /** Called with every other text of the server that is no answer to a call of this connector. */
  onSystemMessage(callback: Callback<'system'>, options?: CallbackOptions): this {
    return this.#on('system', callback, options);
  }

  /**
   * Called with every text from the server as it is, before the other callbacks: messages, notices, and answers
   * to what this connector asks; but for those to `/features`, which it asks many times a second while it sends a
   * file fast.
   */
  onMessage(callback: Callback<'message'>, options?: CallbackOptions): this {
    return this.#on('message', callback, options);
  }

  /**
   * Called when somebody offers a file, which is then to be accepted or declined. What nobody decides on is
   * declined when it expires, after 5 minutes; without such a callback, at once.
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
   * Called once for each connection that ends: with null after `disconnect()`, else with the reason. With
   * `reconnect` the state is then `reconnecting`.
   */
  onDisconnect(callback: Callback<'disconnect'>, options?: CallbackOptions): this {
    return this.#on('disconnect', callback, options);
  }

  /** Called at each change of `state`, and with each attempt to connect again. */
  onStateChange(callback: Callback<'stateChange'>, options?: CallbackOptions): this {
    return this.#on('stateChange', callback, options);
  }

  /**
   * Called with what other callbacks throw, with the failure of a call that nobody awaits, with rooms that could
   * not be joined again, and with the reason when no more attempts to connect are made. Without such a callback
   * Node prints a warning; the process goes on.
   */
  onError(callback: Callback<'error'>, options?: CallbackOptions): this {
    return this.#on('error', callback, options);
  }

  /**
   * Connects and logs in. Callbacks that are added right after `await connect()` miss nothing. The first attempt
   * is the only one; `reconnect` is for connections that are lost later.
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
   * Sends `/quit` after what is queued, and closes; ends all attempts to connect. Safe at any time, any number of
   * times; during `connect()` it makes that reject. Resolves when nothing is left open: within 5 s, and up to 5 s
   * more when messages wait for the server.
   */
  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  /**
   * Takes no more calls, lets those that were made come to their end, receipts included, and disconnects.
   *
   * @param options `timeout`: seconds after which it disconnects in any case, default 30. Aborting `signal`
   * makes it disconnect at once, and reject with the signal's reason.
   * @throws ConnectorError `OPTION_INVALID`
   */
  async drain({ timeout = 30, signal }: CallOptions & { timeout?: number } = {}): Promise<void> {
    assertTimeout(timeout);
    await this.#client.drain(timeout * 1000, signal);
  }

  /** Resolves when nothing waits to be sent any more: TLS has taken it, or it was refused. */
  async flush({ signal }: CallOptions = {}): Promise<void> {
    await this.#client.flush(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Sends a direct message. Servers turn line breaks and runs of blanks in it into one blank each: see
   * `newlines`. A long text is sent in parts, with one receipt.
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
      const parts = dmParts(text, this.#longestName, textOptions);
      return parts.map((part) => ({ type: 'dm', user: recipient, text: part }));
    });
  }

  /**
   * Sends chat to the room joined last, or to the lobby when it was left or none was joined; decided in the order
   * of calls. Never to another place: where the server has refused the join, a 1.2 server refuses the message
   * (`not-a-member`), and for a 1.1 server it is refused here (`NOT_IN_ROOM`). Text that a server would take for a
   * command is sent as chat all the same.
   *
   * @throws ConnectorError as `sendDm`, and `NOT_IN_ROOM`, `NO_ANSWER`
   */
  sendMessage(text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => this.#chat(this.#client.chatRoom, text, textOptions));
  }

  /**
   * Sends chat to a room that this connector is in. A 1.1 server takes it only for the room joined last.
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
   * Sends chat to everyone. A 1.1 server takes it only from those who have no current room.
   *
   * @throws ConnectorError as `sendDm`, and `NOT_SUPPORTED`, `NO_ANSWER`
   */
  sendLobbyMessage(text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send(options, (textOptions) => this.#chat(undefined, text, textOptions));
  }

  /**
   * Joins a room, or makes it; with a password, a protected one. It becomes the current room.
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
   * The names of those who are online, in no order; on 1.1 of those in the current room or, without one, in the
   * lobby.
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
   * The names of those in a room, or in `lobby`: those in no room. On 1.1 only of the current room, or of the lobby
   * when there is none.
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
   * Offers a file to somebody and sends it when it is accepted; one after another, in the order of calls. Resolves
   * when the server has passed all of it on; the recipient compares its hash. `progress` of what is returned tells
   * how far it is.
   *
   * @param source a path or `file:` URL, bytes, a Blob, or what gives bytes asynchronously: that needs a `size`, and
   * a `sha256` if it can be read only once
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
   * Sends a command as it is, such as `/help`, or `[#room] text`, and resolves with the text of the answer; null
   * when none came in time. `/quit` is `disconnect()`; files are sent and taken by `sendFile` and `onFileOffer` only.
   * This is the only call that sends commands from text: never give it what others wrote.
   *
   * @throws ConnectorError `COMMAND_INVALID`, and as `sendDm`
   */
  sendCommand(command: string, { signal }: CallOptions = {}): Promise<string | null> {
    return this.#begin((promise) => {
      this.#client.assertTakesCalls();
      assertCommand(command, this.#longestName);
      const request = rawRequest(command);
      // Sent as a command, it would look like a lost connection.
      if (request.meaning.type === 'quit') void this.disconnect().then(() => promise.resolve(null));
      else this.#client.send([request], rawAnswerIn, promise, signal);
    });
  }

  /**
   * Measures the seconds from a question to the server to its answer. Nobody else sees it.
   *
   * @throws ConnectorError `NOT_CONNECTED`, `NO_ANSWER`; the signal's reason
   */
  rtt({ signal }: CallOptions = {}): Promise<number> {
    return this.#begin((promise) => this.#client.rtt(promise, signal));
  }

  /** What this connector has done so far, and how it stands. */
  stats(): ConnectorStats {
    return this.#client.stats();
  }

  /** The longest of the names that it may have when a text goes out. */
  get #longestName(): string {
    const { username, fallbackUsername = '' } = this.#config;
    return username.length > fallbackUsername.length ? username : fallbackUsername;
  }

  #on<K extends CallbackKind>(kind: K, callback: Callback<K>, options: CallbackOptions | undefined): this {
    this.#dispatcher.add(kind, callback, options);
    return this;
  }

  #chat(room: string | undefined, text: string, options: TextOptions): Request[] {
    const parts = chatParts(text, this.#longestName, room, options);
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

  /** Resolves with what `read` makes of the outcomes of the requests; what `requests` throws, it rejects with. */
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
    // The end of a connection is told by onDisconnect, not once more for each message.
    if (error instanceof ConnectorError && END_CODES.has(error.code)) return;
    this.#log({
      level: 'warn',
      event: 'sendFailed',
      message: 'A call failed that nobody awaited.',
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

/** What the server answered to a single request. */
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
