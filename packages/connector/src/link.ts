import { normalizeUsername, type ServerMessage } from '@quietroom/protocol';
import type { Outcome } from './answers.js';
import { unlessAborted } from './clock.js';
import type { ResolvedConfig } from './config.js';
import type { Connection } from './connection.js';
import { Conversation, noAnswer, requestDraft, type Draft } from './conversation.js';
import { ConnectionLostError, ConnectorError, LoginError, summaryOf } from './errors.js';
import { establish, type Identity } from './establish.js';
import { messageEvent, type MessageEvent } from './events.js';
import type { FileLine } from './files/fileLine.js';
import type { FileOffer } from './files/fileOffer.js';
import type { SendFileOptions } from './files/fileOptions.js';
import type { FileSource } from './files/fileSource.js';
import { isAboutFeatures, type SentFile } from './files/outgoingFiles.js';
import type { TransferPromise } from './files/transferPromise.js';
import { Transfers } from './files/transfers.js';
import { Heartbeat } from './heartbeat.js';
import { Lifecycle, type ConnectorState, type StateChange } from './lifecycle.js';
import { codeOf, stateEntry, type LogEntry } from './log.js';
import type { Traffic } from './meteredTransport.js';
import { Outbox } from './outbox.js';
import { rejoin } from './rejoin.js';
import { unanswered } from './roomAnswers.js';
import type { Settle } from './sendPromise.js';
import { sumCounters, type ConnectorStats } from './stats.js';
import { Submission, type Outcomes } from './submission.js';
import { WantedRooms } from './wantedRooms.js';

/** What a link tells its owner. */
export interface LinkEvents {
  message(event: MessageEvent): void;
  /** Somebody offers a file; false when nobody is there to decide. */
  offered(offer: FileOffer): boolean;
  stateChanged(change: StateChange): void;
  /** Once for each connection that ends. */
  disconnected(reason: ConnectionLostError | null): void;
  /** Something went wrong that no call waits for. */
  failed(error: unknown): void;
  /** A call has failed that nobody awaited. */
  unawaited(error: unknown): void;
  log(entry: LogEntry): void;
}

/** How long `disconnect` waits for messages that wait for the server. */
const FLUSH_TIMEOUT_MS = 5000;

/**
 * A way to the server that outlives its connections: makes one, and the next; joins the rooms again; keeps what is
 * to be sent in order; notices when the server is gone.
 */
export class Link {
  readonly #config: ResolvedConfig;
  readonly #events: LinkEvents;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #transfers: Transfers;
  readonly #wanted = new WantedRooms();
  readonly #traffic: Traffic = { bytesReceived: 0, bytesSent: 0, lastReceivedAt: undefined };
  #connection: Connection | undefined;
  #conversation: Conversation | undefined;
  #heartbeat: Heartbeat | undefined;
  #pastCounters = sumCounters();
  #connections = 0;
  #rtt: number | undefined;
  #isDraining = false;
  /** Calls that wait for what becomes of them, and who waits for their end. */
  #openCalls = 0;
  #whenIdle: (() => void)[] = [];

  constructor(config: ResolvedConfig, events: LinkEvents) {
    this.#config = config;
    this.#events = events;
    this.#outbox = new Outbox(config.clock, {
      maxBytes: config.maxQueuedBytes,
      maxMessages: config.maxQueuedMessages,
      maxAgeMs: config.maxQueuedSeconds * 1000,
    });
    this.#transfers = new Transfers(
      this.#fileLine(),
      {
        offered: (offer) => events.offered(offer),
        failed: (error) => events.failed(error),
        began: () => void this.#openCalls++,
        ended: () => this.#callEnded(),
        log: (entry) => events.log(entry),
      },
      (error) => events.unawaited(error),
    );
    this.#lifecycle = new Lifecycle({
      clock: config.clock,
      reconnect: config.reconnect,
      open: (signal, isAgain) => this.#open(signal, isAgain),
      opened: (connection) => this.#begin(connection),
      changed: (change) => this.#changed(change),
      dropped: (reason) => events.disconnected(reason),
      gaveUp: (error) => events.failed(error),
      ended: (reason) => this.#ended(reason),
    });
  }

  get state(): ConnectorState {
    return this.#lifecycle.state;
  }

  get closed(): Promise<Error | null> {
    return this.#lifecycle.closed;
  }

  /** The name that we are logged in by; without a connection, the one that will be tried. */
  get username(): string {
    return this.#connection?.username ?? this.#config.username.trim();
  }

  get joinedRooms(): string[] {
    return this.#conversation?.rooms.joined ?? [];
  }

  get currentRoom(): string | undefined {
    return this.#conversation?.rooms.current;
  }

  /** Where chat is meant to go, decided in the order of calls. */
  get chatRoom(): string | undefined {
    return this.#wanted.current;
  }

  /** True when a message would be taken. */
  get writable(): boolean {
    return this.#takesCalls && !this.#outbox.isFull;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#names();
    await this.#lifecycle.connect(signal);
  }

  async disconnect(): Promise<void> {
    this.#transfers.stop(disconnected());
    await this.#lifecycle.disconnect((connection) => this.#leave(connection, FLUSH_TIMEOUT_MS));
    await this.#transfers.settled();
  }

  /** Takes no more calls, waits until all that were made are settled, and disconnects. */
  async drain(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#isDraining = true;
    const timeIsUp = new AbortController();
    const timer = this.#config.clock.setTimeout(() => timeIsUp.abort(), timeoutMs);
    try {
      await unlessAborted(
        unlessAborted(this.#idle(), timeIsUp.signal).catch(() => {}),
        signal,
      );
    } finally {
      this.#config.clock.clearTimeout(timer);
      this.#transfers.stop(disconnected());
      await this.#lifecycle.disconnect((connection) => this.#leave(connection, 0));
      await this.#transfers.settled();
      this.#isDraining = false;
    }
  }

  async flush(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await unlessAborted(this.#outbox.whenFlushed(), signal);
  }

  /**
   * Sends drafts and settles with what `read` makes of what became of them; see `Submission`.
   *
   * @throws ConnectorError `NOT_CONNECTED`, `QUEUE_FULL`; the signal's reason
   */
  send<T>(
    drafts: readonly Draft[],
    read: (outcomes: Outcomes) => T,
    signal: AbortSignal | undefined,
    settle: Settle<T>,
  ): void {
    Submission.start(this.#outbox, drafts, read, settle, this.#callEnded, signal);
    this.#openCalls++;
    for (const draft of drafts) if (draft.type === 'request') this.#wanted.onCalled(draft.request);
  }

  /** Sends a file; see `Transfers`. */
  sendFile(recipient: string, source: FileSource, options: SendFileOptions): TransferPromise<SentFile> {
    return this.#transfers.send(recipient, source, options);
  }

  /** @throws ConnectorError `NOT_CONNECTED` */
  assertTakesCalls(): void {
    if (!this.#takesCalls) throw notConnected(this.#isDraining, this.state);
  }

  /**
   * Settles with the seconds from a question to the server to its answer.
   *
   * @throws ConnectorError `NOT_CONNECTED`; the signal's reason
   */
  rtt(signal: AbortSignal | undefined, settle: Settle<number>): void {
    signal?.throwIfAborted();
    const conversation = this.#conversation;
    if (conversation === undefined) throw notConnected(false, this.state);
    let isOver = false;
    const end = (tell: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener('abort', abort);
      this.#callEnded();
      tell();
    };
    const abort = (): void => end(() => settle.reject(signal?.reason));
    this.#openCalls++;
    signal?.addEventListener('abort', abort, { once: true });
    this.#probe(conversation, (outcome, seconds) =>
      end(() => {
        if (outcome.type === 'answered') settle.resolve(seconds);
        else settle.reject(unanswered(outcome));
      }),
    );
  }

  stats(): ConnectorStats {
    const { clock } = this.#config;
    const { packets, ...counters } = sumCounters(this.#pastCounters, this.#connection?.counters);
    const { bytesReceived, bytesSent, lastReceivedAt } = this.#traffic;
    return {
      state: this.state,
      connections: this.#connections,
      packetsReceived: packets,
      ...counters,
      bytesReceived,
      bytesSent,
      queuedMessages: this.#outbox.messages,
      queuedBytes: this.#outbox.bytes,
      unanswered: this.#conversation?.unanswered ?? 0,
      lastReceivedAt:
        lastReceivedAt === undefined ? undefined : new Date(Date.now() - (clock.now() - lastReceivedAt)),
      rtt: this.#rtt,
    };
  }

  /** What transfers see of this link. */
  #fileLine(): FileLine {
    const { clock, answerTimeout, fileTimeout } = this.#config;
    const username = (): string => this.username;
    return {
      clock,
      get username() {
        return username();
      },
      assertTakesCalls: () => this.assertTakesCalls(),
      answerTimeoutMs: answerTimeout * 1000,
      fileTimeoutMs: fileTimeout * 1000,
      ask: (request, signal) =>
        new Promise((resolve, reject) => {
          if (!this.#connection && !this.#takesCalls) throw notConnected(this.#isDraining, this.state);
          this.send([requestDraft(request)], answerOf, signal, { resolve, reject });
        }),
      sendPacket: (bytes, taken) => {
        if (!this.#connection) throw notConnected(this.#isDraining, this.state);
        this.#connection.sendFile(bytes, taken);
      },
      pauseReading: () => this.#connection?.pauseReading(),
      resumeReading: () => this.#connection?.resumeReading(),
    };
  }

  get #takesCalls(): boolean {
    if (this.#isDraining) return false;
    const { state } = this;
    if (state === 'connected') return true;
    return this.#config.whileDisconnected === 'hold' && (state === 'connecting' || state === 'reconnecting');
  }

  /** The names to log in by, the first that is free. */
  #names(): string[] {
    const { username, fallbackUsername = username } = this.#config;
    return [...new Set([username, fallbackUsername].map(checkUsername))];
  }

  async #open(signal: AbortSignal, isAgain: boolean): Promise<Connection> {
    const [username = '', fallback] = this.#names();
    try {
      return await this.#openAs({ username, isAgain }, signal);
    } catch (error) {
      if (!(error instanceof LoginError) || error.code !== 'NAME_TAKEN') throw error;
      const next = fallback === undefined ? '' : `; ${JSON.stringify(fallback)} is tried`;
      this.#log('warn', 'nameTaken', `The name ${JSON.stringify(username)} is in use${next}.`, { username });
      if (fallback === undefined) throw error;
      return this.#openAs({ username: fallback, isAgain }, signal);
    }
  }

  #openAs(identity: Identity, signal: AbortSignal): Promise<Connection> {
    return establish(this.#config, identity, this.#traffic, signal);
  }

  #begin(connection: Connection): void {
    const { clock, answerTimeout, livenessInterval, livenessTimeout } = this.#config;
    const conversation = new Conversation(connection, {
      clock,
      answerTimeoutMs: answerTimeout * 1000,
      wanted: this.#wanted,
      onTaken: () => this.#outbox.pump(),
      onUnanswered: () => this.#outbox.pump(),
      onSilence: (askedAt) => this.#outbox.refuseBlocked(askedAt, noAnswer()),
    });
    this.#connection = connection;
    this.#conversation = conversation;
    this.#connections++;
    if (livenessInterval !== false) {
      this.#heartbeat = new Heartbeat({
        clock,
        intervalMs: livenessInterval * 1000,
        timeoutMs: livenessTimeout * 1000,
        // What we do not read for a while is no silence.
        lastReceivedAt: () => (connection.isPaused ? clock.now() : this.#traffic.lastReceivedAt),
        probe: () => {
          this.#log('debug', 'probing', `Nothing has come for ${livenessInterval} s: the server is asked.`);
          this.#probe(conversation);
        },
        dead: () => connection.abandon(serverSilent(livenessInterval + livenessTimeout)),
      });
      this.#heartbeat.start();
    }
    rejoin(conversation, this.#wanted.all, {
      joined: (room, error) => this.#rejoined(room, error),
      done: () => this.#openOutbox(conversation),
    });
    // Not before the caller of connect() has had its turn to add callbacks.
    setImmediate(() => {
      connection.start({
        message: (text, message) => this.#onMessage(conversation, text, message),
        file: (packet) => this.#transfers.onPacket(packet),
        closed: (reason) => this.#onClosed(connection, reason),
      });
    });
  }

  #onMessage(conversation: Conversation, text: string, message: ServerMessage): void {
    const { isAnswer, place } = conversation.onMessage(text, message);
    this.#outbox.pump();
    // A file asks for them many times a second.
    if (isAboutFeatures(message)) return;
    const isOffer = message.type === 'fileOffer';
    const isOfTransfer = !isOffer && this.#transfers.onMessage(message);
    const placed = { isAnswer: isAnswer || isOfTransfer, place };
    this.#events.message(messageEvent(text, message, placed, this.username));
    // Those who hear of every text hear of it first.
    if (isOffer) this.#transfers.onMessage(message);
  }

  #onClosed(connection: Connection, reason: ConnectionLostError | null): void {
    this.#pastCounters = sumCounters(this.#pastCounters, connection.counters);
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    const conversation = this.#conversation;
    this.#connection = undefined;
    this.#conversation = undefined;
    this.#outbox.suspend();
    if (this.#config.whileDisconnected === 'refuse') this.#outbox.close(reason ?? disconnected());
    this.#transfers.lost(reason ?? disconnected());
    conversation?.end();
    this.#lifecycle.onClosed(reason);
  }

  /** What waits in the outbox goes out when the rooms are joined again. */
  #openOutbox(conversation: Conversation): void {
    const current = this.#wanted.current;
    if (this.#conversation !== conversation) return;
    if (!conversation.restoreCurrent(current)) {
      const now = conversation.rooms.current ?? 'the lobby';
      const message = `The current room is now ${JSON.stringify(now)}, not ${JSON.stringify(current ?? 'the lobby')}.`;
      this.#log('warn', 'rejoinFailed', message, current === undefined ? {} : { room: current });
    }
    this.#outbox.open(conversation);
  }

  #rejoined(room: string, error: ConnectorError | undefined): void {
    if (error === undefined) {
      this.#log('info', 'rejoined', `Joined ${JSON.stringify(room)} again.`, { room });
      return;
    }
    this.#log('error', 'rejoinFailed', `${JSON.stringify(room)} could not be joined again.`, {
      room,
      ...codeOf(error),
    });
    this.#events.failed(error);
  }

  #probe(conversation: Conversation, told: (outcome: Outcome, seconds: number) => void = () => {}): void {
    const { clock } = this.#config;
    const askedAt = clock.now();
    conversation.ask((outcome) => {
      const seconds = (clock.now() - askedAt) / 1000;
      if (outcome.type === 'answered') this.#rtt = seconds;
      told(outcome, seconds);
    });
  }

  /** Lets what waits go out, for a while, and then quits. */
  async #leave(connection: Connection, flushMs: number): Promise<void> {
    const { clock } = this.#config;
    const timeIsUp = new AbortController();
    const timer = clock.setTimeout(() => timeIsUp.abort(disconnected()), flushMs);
    try {
      // What is taken back has to be said first.
      await unlessAborted(this.#transfers.settled(), timeIsUp.signal);
      await unlessAborted(this.#outbox.whenFlushed(), timeIsUp.signal);
    } catch {
      this.#outbox.close(disconnected());
    }
    clock.clearTimeout(timer);
    await connection.quit();
  }

  #ended(reason: Error | null): void {
    this.#wanted.clear();
    this.#outbox.close(reason === null ? disconnected() : neverConnected(reason));
  }

  #changed(change: StateChange): void {
    this.#events.log(stateEntry(change, this.username));
    this.#events.stateChanged(change);
  }

  /** Resolves when no call waits any more. */
  #idle(): Promise<void> {
    if (this.#openCalls === 0 || this.state === 'disconnected') return Promise.resolve();
    return new Promise((resolve) => void this.#whenIdle.push(resolve));
  }

  readonly #callEnded = (): void => {
    this.#openCalls--;
    if (this.#openCalls > 0) return;
    const callbacks = this.#whenIdle;
    this.#whenIdle = [];
    for (const callback of callbacks) callback();
  };

  #log(
    level: LogEntry['level'],
    event: LogEntry['event'],
    message: string,
    details: Partial<LogEntry> = {},
  ): void {
    this.#events.log({ level, event, message, ...details });
  }
}

function answerOf([outcome]: Outcomes): ServerMessage {
  if (outcome?.type === 'answered') return outcome.message;
  throw unanswered(outcome);
}

function checkUsername(username: string): string {
  const normalized = normalizeUsername(username);
  if (normalized !== undefined) return normalized;
  throw new LoginError(
    'NAME_INVALID',
    `${JSON.stringify(username)} is no name: servers take 1 to 32 of A-Z a-z 0-9 space _ - . and nothing else.`,
  );
}

function notConnected(isDraining: boolean, state: ConnectorState): ConnectorError {
  if (isDraining) return new ConnectorError('NOT_CONNECTED', 'drain() was called: nothing more is sent.');
  return new ConnectorError(
    'NOT_CONNECTED',
    state === 'reconnecting'
      ? 'The connection is lost and being made again. Send it later, or set whileDisconnected to "hold".'
      : 'Not connected. Call connect() and await it first.',
  );
}

function disconnected(): ConnectorError {
  return new ConnectorError('DISCONNECTED', 'disconnect() was called before this was sent.');
}

function neverConnected(cause: Error): ConnectorError {
  return new ConnectorError(
    'NOT_CONNECTED',
    `There is no connection, and none will be made (${summaryOf(cause)}): this was not sent.`,
    { cause },
  );
}

function serverSilent(seconds: number): ConnectionLostError {
  return new ConnectionLostError(
    'SERVER_SILENT',
    `The server has sent nothing for ${seconds} s and did not answer a question: it, or the network between, is gone.`,
  );
}
