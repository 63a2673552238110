import type { ProtocolVersion, ServerMessage } from '@quietroom/protocol';
import { onAbort } from '@quietroom/protocol/internals';
import { ActiveConnection } from './activeConnection.js';
import type { Connection } from './connection/connection.js';
import { ConnectionStateMachine } from './connection/connectionState.js';
import { openAsUser, usernamesOf } from './connection/openAsUser.js';
import type { ConnectionLostError, ConnectorError } from './errors.js';
import type { MessageEvent } from './events/events.js';
import type { TransferContext } from './files/transfer/transferContext.js';
import { Transfers, type TransferEvents } from './files/transfer/transfers.js';
import { stateEntry, type LogEntry } from './observe/log.js';
import type { ConnectorState, StateChange } from './observe/state.js';
import { StatsRecorder, type ConnectorStats } from './observe/stats.js';
import type { ResolvedConfig } from './options/config.js';
import type { Deferred } from './requests/callPromise.js';
import { OpenCalls, PendingCall, type Outcomes } from './requests/pendingCall.js';
import type { Request } from './requests/request.js';
import { SendQueue } from './requests/sendQueue.js';
import { disconnected, filesRefused, neverConnected, notConnected, unanswered } from './callErrors.js';
import { DesiredRooms } from './rooms/desiredRooms.js';
import { unlessAborted } from './time/clock.js';

/** The events of a client. */
export interface ClientEvents {
  /** Whether `message` is to be called for a message from the server. */
  readonly takesMessage: (message: ServerMessage, isAnswer: boolean) => boolean;
  readonly message: (event: MessageEvent) => void;
  /** A file is offered; false when no callback is there to decide on it. */
  readonly offered: TransferEvents['offered'];
  stateChanged(change: StateChange): void;
  /** Called once for each connection that ends. */
  disconnected(reason: ConnectionLostError | null): void;
  /** An error that no call waits for. */
  failed(error: unknown): void;
  /** The error of a call whose promise is not awaited. */
  unawaited(error: unknown): void;
  log(entry: LogEntry): void;
}

/** How long `disconnect` waits until the queue is sent. */
const FLUSH_TIMEOUT_MS = 5000;

/** Keeps one connection to a server at a time, and everything that outlives a connection. */
export class Client {
  readonly #config: ResolvedConfig;
  readonly #events: ClientEvents;
  readonly #machine: ConnectionStateMachine;
  readonly #queue: SendQueue;
  readonly #transfers: Transfers;
  readonly #desiredRooms = new DesiredRooms();
  readonly #stats: StatsRecorder;
  readonly #calls = new OpenCalls();
  #active: ActiveConnection | undefined;
  #isDraining = false;

  constructor(config: ResolvedConfig, events: ClientEvents) {
    const { clock, maxQueuedBytes, maxQueuedMessages, maxQueuedSeconds } = config;
    this.#config = config;
    this.#events = events;
    this.#stats = new StatsRecorder(clock);
    this.#queue = new SendQueue(clock, {
      maxBytes: maxQueuedBytes,
      maxMessages: maxQueuedMessages,
      maxAgeMs: maxQueuedSeconds * 1000,
    });
    this.#transfers = new Transfers(
      this.#transferContext(),
      {
        offered: (offer) => events.offered(offer),
        failed: (error) => events.failed(error),
        began: this.#calls.began,
        ended: this.#calls.ended,
        log: (entry) => events.log(entry),
      },
      (error) => events.unawaited(error),
    );
    this.#machine = new ConnectionStateMachine({
      clock,
      reconnect: config.reconnect,
      open: (signal, isAgain) =>
        openAsUser(config, isAgain, this.#stats, signal, (entry) => events.log(entry)),
      opened: (connection) => this.#onOpened(connection),
      changed: (change) => {
        events.log(stateEntry(change, this.username));
        events.stateChanged(change);
      },
      dropped: (reason) => events.disconnected(reason),
      gaveUp: (error) => events.failed(error),
      ended: (reason) => {
        this.#desiredRooms.clear();
        this.#refuseQueued(() => (reason === null ? disconnected() : neverConnected(reason)));
      },
    });
  }

  get state(): ConnectorState {
    return this.#machine.state;
  }

  get closed(): Promise<Error | null> {
    return this.#machine.closed;
  }

  /** The name that we are logged in by; without a connection, the one that will be tried first. */
  get username(): string {
    return this.#active?.username ?? this.#config.username.trim();
  }

  get serverVersion(): ProtocolVersion | undefined {
    return this.#active?.serverVersion;
  }

  get joinedRooms(): string[] {
    return this.#active?.rooms.joined ?? [];
  }

  get currentRoom(): string | undefined {
    return this.#active?.rooms.current;
  }

  /** Where chat is meant to go, decided in the order of the calls. */
  get chatRoom(): string | undefined {
    return this.#desiredRooms.current;
  }

  /** True when a message would be accepted. */
  get writable(): boolean {
    return this.#takesCalls && !this.#queue.isFull;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    usernamesOf(this.#config);
    await this.#machine.connect(signal);
  }

  async disconnect(): Promise<void> {
    await this.#disconnect(FLUSH_TIMEOUT_MS + this.#config.slackMs);
  }

  /** Accepts no more calls, waits until all earlier ones are settled, and disconnects. */
  async drain(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#isDraining = true;
    const timeout = new AbortController();
    const timer = this.#config.clock.setTimeout(() => timeout.abort(), timeoutMs);
    const settled = this.state === 'disconnected' ? Promise.resolve() : this.#calls.none();
    try {
      await unlessAborted(
        unlessAborted(settled, timeout.signal).catch(() => {}),
        signal,
      );
    } finally {
      this.#config.clock.clearTimeout(timer);
      await this.#disconnect(0);
      this.#isDraining = false;
    }
  }

  async flush(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await unlessAborted(this.#queue.whenFlushed(), signal);
  }

  /**
   * Sends requests and settles with what `read` makes of the outcomes; see `PendingCall`.
   *
   * @throws ConnectorError `QUEUE_FULL`; the signal's reason
   */
  send<T>(
    requests: readonly Request[],
    read: (outcomes: Outcomes) => T,
    promise: Deferred<T>,
    signal: AbortSignal | undefined,
  ): void {
    signal?.throwIfAborted();
    const call = new PendingCall(requests, read, promise, this.#calls);
    try {
      this.#queue.add(call.requests);
    } catch (error) {
      call.cancel();
      throw error;
    }
    if (signal) call.abortBy(signal, (pending) => this.#queue.withdraw(pending));
    for (const request of requests) {
      const asked = request.type === 'raw' ? request.meaning : request;
      if (asked.type === 'join' || asked.type === 'leave') this.#desiredRooms.onCalled(asked);
    }
  }

  /** Sends a file; see `Transfers`. */
  readonly sendFile: Transfers['send'] = (...args) => this.#transfers.send(...args);

  /** @throws ConnectorError `NOT_CONNECTED` */
  assertTakesCalls(): void {
    if (!this.#takesCalls) throw notConnected(this.#isDraining, this.state);
  }

  /**
   * Settles with the seconds from a question to the server to its answer.
   *
   * @throws ConnectorError `NOT_CONNECTED`; the signal's reason
   */
  rtt(promise: Deferred<number>, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#active === undefined) throw notConnected(false, this.state);
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      stopListening();
      this.#calls.ended();
      settle();
    };
    this.#calls.began();
    const stopListening = onAbort(signal, () => end(() => promise.reject(signal?.reason)));
    this.#active.measureRtt((outcome, seconds) =>
      end(() => {
        if (outcome.type === 'answered') promise.resolve(seconds);
        else promise.reject(unanswered(outcome));
      }),
    );
  }

  stats(): ConnectorStats {
    const { steady } = this.#config;
    return this.#stats.snapshot(
      this.#active?.counters,
      {
        state: this.state,
        queuedMessages: this.#queue.messages,
        queuedBytes: this.#queue.bytes,
        ...this.#transfers.counts,
        unanswered: this.#active?.unanswered ?? 0,
      },
      steady === false
        ? undefined
        : {
            isActive: this.#active?.isSteady ?? false,
            intervalMs: steady.intervalMs,
            cells: this.#active?.cells,
          },
    );
  }

  get #takesCalls(): boolean {
    if (this.#isDraining) return false;
    const { state } = this;
    if (state === 'connected') return true;
    return this.#config.whileDisconnected === 'hold' && (state === 'connecting' || state === 'reconnecting');
  }

  #transferContext(): TransferContext {
    const { clock, answerTimeout, fileTimeout, steady, leaveSteadyForFiles } = this.#config;
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
          if (!this.#active && !this.#takesCalls) throw notConnected(this.#isDraining, this.state);
          this.send([request], answerIn, { resolve, reject }, signal);
        }),
      assertTakesFiles: () => {
        if (steady !== false && !leaveSteadyForFiles) throw filesRefused();
      },
      fileComes: () => this.#leaveSteady(),
      fileIsOver: () => {
        if (!this.#transfers.isRunning) this.#resumeSteady();
      },
      sendPacket: (bytes, taken) => {
        this.#leaveSteady();
        if (!this.#active) throw notConnected(this.#isDraining, this.state);
        this.#active.sendFile(bytes, taken);
      },
      pauseReading: () => this.#active?.pauseReading(),
      resumeReading: () => this.#active?.resumeReading(),
    };
  }

  #leaveSteady(): void {
    if (this.#active?.isSteady !== true) return;
    this.#active.leaveSteady();
    this.#events.log({
      level: 'warn',
      event: 'steadyLeft',
      message: 'The steady mode is left for a file: an observer sees it, and messages until it is over.',
    });
  }

  #resumeSteady(): void {
    if (this.#active === undefined || this.#active.isSteady || this.#config.steady === false) return;
    this.#active.resumeSteady();
    this.#events.log({ level: 'info', event: 'steadyResumed', message: 'The steady mode goes on.' });
  }

  #onOpened(connection: Connection): void {
    const active = new ActiveConnection(connection, {
      config: this.#config,
      queue: this.#queue,
      desiredRooms: this.#desiredRooms,
      transfers: this.#transfers,
      stats: this.#stats,
      takesMessage: this.#events.takesMessage,
      onMessage: this.#events.message,
      onError: (error) => this.#events.failed(error),
      log: (entry) => this.#events.log(entry),
    });
    this.#active = active;
    this.#stats.connected();
    active.start((reason) => this.#onClosed(active, reason));
  }

  #onClosed(active: ActiveConnection, reason: ConnectionLostError | null): void {
    this.#stats.disconnected(active.counters, active.cells);
    this.#active = undefined;
    this.#queue.suspend();
    // An error is made only for what waits: its stack is a good part of the cost of a disconnect.
    if (this.#config.whileDisconnected === 'refuse') this.#refuseQueued(() => reason ?? disconnected());
    this.#transfers.lost(() => reason ?? disconnected());
    active.end();
    this.#machine.onClosed(reason);
  }

  #refuseQueued(reason: () => ConnectorError): void {
    if (this.#queue.messages > 0) this.#queue.close(reason());
  }

  async #disconnect(flushMs: number): Promise<void> {
    if (!this.#transfers.isIdle) this.#transfers.stop(disconnected());
    await this.#machine.disconnect((connection) => this.#leave(connection, flushMs));
    await this.#transfers.settled();
  }

  /** Sends what is queued, for a limited time, and quits. */
  async #leave(connection: Connection, flushMs: number): Promise<void> {
    const { clock } = this.#config;
    const timeout = new AbortController();
    const timer = clock.setTimeout(() => timeout.abort(disconnected()), flushMs);
    try {
      // Transfers that are taken back tell the server so.
      await unlessAborted(this.#transfers.settled(), timeout.signal);
      await unlessAborted(this.#queue.whenFlushed(), timeout.signal);
    } catch {
      this.#queue.close(disconnected());
    }
    clock.clearTimeout(timer);
    await connection.quit();
  }
}

function answerIn([outcome]: Outcomes): ServerMessage {
  if (outcome?.type === 'answered') return outcome.message;
  throw unanswered(outcome);
}
