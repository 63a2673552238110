import { normalizeUsername, type ServerMessage } from '@quietroom/protocol';
import type { Outcome } from './requests/replyMatcher.js';
import { unlessAborted } from './time/clock.js';
import type { ResolvedConfig } from './options/config.js';
import type { Connection } from './connection/connection.js';
import { RequestTracker, noAnswer, requestDraft, type Draft } from './requests/requestTracker.js';
import { ConnectionLostError, ConnectorError, LoginError, summaryOf } from './errors.js';
import { openConnection, type Identity } from './connection/openConnection.js';
import { messageEvent, type MessageEvent } from './events/events.js';
import type { TransferContext } from './files/transfer/transferContext.js';
import type { FileOffer } from './files/transfer/fileOffer.js';
import type { SendFileOptions } from './files/transfer/fileOptions.js';
import type { FileSource } from './files/source/fileSource.js';
import { isAboutFeatures, type SentFile } from './files/transfer/outgoingFiles.js';
import type { TransferPromise } from './files/transfer/transferPromise.js';
import { Transfers } from './files/transfer/transfers.js';
import { Heartbeat } from './connection/heartbeat.js';
import { Lifecycle, type ConnectorState, type StateChange } from './connection/connectionState.js';
import { codeOf, stateEntry, type LogEntry } from './observe/log.js';
import type { Traffic } from './connection/countingTransport.js';
import { SendQueue } from './requests/sendQueue.js';
import { rejoin } from './rejoin.js';
import { unanswered } from './roomErrors.js';
import type { Deferred } from './requests/callPromise.js';
import { sumCounters, type ConnectorStats } from './observe/stats.js';
import { PendingCall, type Outcomes } from './requests/pendingCall.js';
import { DesiredRooms } from './rooms/desiredRooms.js';

/** What a link tells its owner. */
export interface ClientEvents {
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
export class Client {
  readonly #config: ResolvedConfig;
  readonly #events: ClientEvents;
  readonly #lifecycle: Lifecycle;
  readonly #queue: SendQueue;
  readonly #transfers: Transfers;
  readonly #wanted = new DesiredRooms();
  readonly #traffic: Traffic = { bytesReceived: 0, bytesSent: 0, lastReceivedAt: undefined };
  #connection: Connection | undefined;
  #requests: RequestTracker | undefined;
  #heartbeat: Heartbeat | undefined;
  #pastCounters = sumCounters();
  #connections = 0;
  #rtt: number | undefined;
  #isDraining = false;
  /** Calls that wait for what becomes of them, and who waits for their end. */
  #openCalls = 0;
  #whenIdle: (() => void)[] = [];

  constructor(config: ResolvedConfig, events: ClientEvents) {
    this.#config = config;
    this.#events = events;
    this.#queue = new SendQueue(config.clock, {
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
    return this.#requests?.rooms.joined ?? [];
  }

  get currentRoom(): string | undefined {
    return this.#requests?.rooms.current;
  }

  /** Where chat is meant to go, decided in the order of calls. */
  get chatRoom(): string | undefined {
    return this.#wanted.current;
  }

  /** True when a message would be taken. */
  get writable(): boolean {
    return this.#takesCalls && !this.#queue.isFull;
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
    await unlessAborted(this.#queue.whenFlushed(), signal);
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
    settle: Deferred<T>,
  ): void {
    PendingCall.start(this.#queue, drafts, read, settle, this.#callEnded, signal);
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
  rtt(signal: AbortSignal | undefined, settle: Deferred<number>): void {
    signal?.throwIfAborted();
    const requests = this.#requests;
    if (requests === undefined) throw notConnected(false, this.state);
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
    this.#probe(requests, (outcome, seconds) =>
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
      queuedMessages: this.#queue.messages,
      queuedBytes: this.#queue.bytes,
      unanswered: this.#requests?.unanswered ?? 0,
      lastReceivedAt:
        lastReceivedAt === undefined ? undefined : new Date(Date.now() - (clock.now() - lastReceivedAt)),
      rtt: this.#rtt,
    };
  }

  /** What transfers see of this link. */
  #fileLine(): TransferContext {
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
    return openConnection(this.#config, identity, this.#traffic, signal);
  }

  #begin(connection: Connection): void {
    const { clock, answerTimeout, livenessInterval, livenessTimeout } = this.#config;
    const requests = new RequestTracker(connection, {
      clock,
      answerTimeoutMs: answerTimeout * 1000,
      wanted: this.#wanted,
      onTaken: () => this.#queue.pump(),
      onUnanswered: () => this.#queue.pump(),
      onSilence: (askedAt) => this.#queue.refuseBlocked(askedAt, noAnswer()),
    });
    this.#connection = connection;
    this.#requests = requests;
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
          this.#probe(requests);
        },
        dead: () => connection.abandon(serverSilent(livenessInterval + livenessTimeout)),
      });
      this.#heartbeat.start();
    }
    rejoin(requests, this.#wanted.all, {
      joined: (room, error) => this.#rejoined(room, error),
      done: () => this.#openOutbox(requests),
    });
    // Not before the caller of connect() has had its turn to add callbacks.
    setImmediate(() => {
      connection.start({
        message: (text, message) => this.#onMessage(requests, text, message),
        file: (packet) => this.#transfers.onPacket(packet),
        closed: (reason) => this.#onClosed(connection, reason),
      });
    });
  }

  #onMessage(requests: RequestTracker, text: string, message: ServerMessage): void {
    const { isAnswer, place } = requests.onMessage(text, message);
    this.#queue.pump();
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
    const requests = this.#requests;
    this.#connection = undefined;
    this.#requests = undefined;
    this.#queue.suspend();
    if (this.#config.whileDisconnected === 'refuse') this.#queue.close(reason ?? disconnected());
    this.#transfers.lost(reason ?? disconnected());
    requests?.end();
    this.#lifecycle.onClosed(reason);
  }

  /** What waits in the queue goes out when the rooms are joined again. */
  #openOutbox(requests: RequestTracker): void {
    const current = this.#wanted.current;
    if (this.#requests !== requests) return;
    if (!requests.restoreCurrent(current)) {
      const now = requests.rooms.current ?? 'the lobby';
      const message = `The current room is now ${JSON.stringify(now)}, not ${JSON.stringify(current ?? 'the lobby')}.`;
      this.#log('warn', 'rejoinFailed', message, current === undefined ? {} : { room: current });
    }
    this.#queue.open(requests);
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

  #probe(requests: RequestTracker, told: (outcome: Outcome, seconds: number) => void = () => {}): void {
    const { clock } = this.#config;
    const askedAt = clock.now();
    requests.ask((outcome) => {
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
      await unlessAborted(this.#queue.whenFlushed(), timeIsUp.signal);
    } catch {
      this.#queue.close(disconnected());
    }
    clock.clearTimeout(timer);
    await connection.quit();
  }

  #ended(reason: Error | null): void {
    this.#wanted.clear();
    this.#queue.close(reason === null ? disconnected() : neverConnected(reason));
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
