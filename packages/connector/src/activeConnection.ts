import type { ProtocolVersion, ServerMessage, SessionCounters, Taken } from '@quietroom/protocol';
import { type CellCounts } from '@quietroom/protocol/internals';
import type { Connection } from './connection/connection.js';
import { Heartbeat } from './connection/heartbeat.js';
import { ConnectionLostError, type ConnectorError } from './errors.js';
import { messageEvent, type MessageEvent } from './events/events.js';
import { isAboutFeatures } from './files/transfer/outgoingFiles.js';
import type { Transfers } from './files/transfer/transfers.js';
import { codeOf, type Log, type LogEntry } from './observe/log.js';
import type { StatsRecorder } from './observe/stats.js';
import type { ResolvedConfig } from './options/config.js';
import type { Outcome } from './replies/outcome.js';
import { RequestTracker } from './requests/requestTracker.js';
import type { SendQueue } from './requests/sendQueue.js';
import { joinError } from './callErrors.js';
import type { DesiredRooms } from './rooms/desiredRooms.js';
import type { RoomTracker } from './rooms/roomTracker.js';

/** The objects that outlive a connection, as far as it uses them. */
export interface ActiveConnectionContext {
  readonly config: ResolvedConfig;
  readonly queue: SendQueue;
  readonly desiredRooms: DesiredRooms;
  readonly transfers: Pick<Transfers, 'onMessage' | 'onPacket'>;
  readonly stats: StatsRecorder;
  /** Whether `onMessage` is to be called for a message. */
  readonly takesMessage: (message: ServerMessage, isAnswer: boolean) => boolean;
  readonly onMessage: (event: MessageEvent) => void;
  /** An error that no call waits for. */
  readonly onError: (error: unknown) => void;
  readonly log: Log;
}

const SINGLE_WRITES: LogEntry = {
  level: 'warn',
  event: 'singleWrites',
  message:
    'The server lost the second of two packets in one write: this runtime does not cut TLS records as told. Each packet is sent in a write of its own.',
};

/** A connection in use, with what lives as long as it: the request tracker and the heartbeat. */
export class ActiveConnection {
  readonly #connection: Connection;
  readonly #context: ActiveConnectionContext;
  readonly #requests: RequestTracker;
  readonly #heartbeat: Heartbeat | undefined;

  constructor(connection: Connection, context: ActiveConnectionContext) {
    const { clock, answerTimeout, maxInFlight, slackMs, steady } = context.config;
    this.#connection = connection;
    this.#context = context;
    this.#requests = new RequestTracker(connection, {
      clock,
      answerTimeoutMs: answerTimeout * 1000 + slackMs,
      maxInFlight,
      steady: steady === false ? undefined : { sent: (waitedMs) => context.stats.waited(waitedMs) },
      desiredRooms: context.desiredRooms,
      queue: context.queue,
    });
    this.#heartbeat = this.#makeHeartbeat();
  }

  /** The name that the server knows us by. */
  get username(): string {
    return this.#connection.username;
  }

  get rooms(): Pick<RoomTracker, 'joined' | 'current'> {
    return this.#requests.rooms;
  }

  /** The version of the server; undefined until a message of the server shows it. */
  get serverVersion(): ProtocolVersion | undefined {
    return this.#requests.serverVersion;
  }

  /** Requests whose callers still wait for a reply. */
  get unanswered(): number {
    return this.#requests.unanswered;
  }

  get counters(): SessionCounters {
    return this.#connection.counters;
  }

  /** Rejoins the rooms, opens the queue, and delivers messages. `closed` is called once, after `end`. */
  start(closed: (reason: ConnectionLostError | null) => void): void {
    this.#heartbeat?.start();
    this.#rejoin();
    // Not before the caller of connect() could add its callbacks.
    setImmediate(() =>
      this.#connection.start({
        message: this.#onMessage,
        file: (packet) => this.#context.transfers.onPacket(packet),
        written: (lastPacket) => this.#requests.onTaken(lastPacket),
        joinedWriteFailed: () => this.#context.log(SINGLE_WRITES),
        closed: (reason) => {
          this.#heartbeat?.stop();
          closed(reason);
        },
      }),
    );
  }

  /** To be called when the connection is closed: tells the callers of unanswered requests. */
  end(): void {
    this.#requests.end();
  }

  /** The counts of the steady mode. */
  get cells(): CellCounts | undefined {
    return this.#connection.cells;
  }

  get isSteady(): boolean {
    return this.#connection.isSteady;
  }

  leaveSteady(): void {
    this.#connection.leaveSteady();
  }

  resumeSteady(): void {
    this.#connection.resumeSteady();
  }

  /** As `Connection.sendFile`. */
  sendFile(packet: Uint8Array, taken: Taken): void {
    this.#connection.sendFile(packet, taken);
  }

  pauseReading(): void {
    this.#connection.pauseReading();
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  /** Asks the server a question that nobody else sees; `settled` gets its outcome and the seconds that it took. */
  measureRtt(settled: (outcome: Outcome, seconds: number) => void = () => {}): void {
    const { clock } = this.#context.config;
    const askedAt = clock.now();
    this.#requests.ask((outcome) => {
      const seconds = (clock.now() - askedAt) / 1000;
      if (outcome.type === 'answered') this.#context.stats.measured(seconds);
      settled(outcome, seconds);
    });
  }

  readonly #onMessage = (text: string, message: ServerMessage): void => {
    const { transfers, takesMessage, onMessage } = this.#context;
    let placed = this.#requests.onMessage(text, message);
    // A fast file asks for the features many times a second.
    if (isAboutFeatures(message)) return;
    const isOffer = message.type === 'fileOffer';
    const isOfTransfer = !isOffer && transfers.onMessage(message);
    if (isOfTransfer) placed = { isAnswer: true, place: placed.place };
    if (takesMessage(message, placed.isAnswer)) onMessage(messageEvent(text, message, placed, this.username));
    // `onMessage` callbacks come before `onFileOffer` callbacks.
    if (isOffer) transfers.onMessage(message);
  };

  /** Joins the desired rooms, each once and in order; then the queue may send. */
  #rejoin(): void {
    const rooms = this.#context.desiredRooms.all;
    let unanswered = rooms.length;
    if (unanswered === 0) return this.#openQueue();
    for (const { room, password } of rooms) {
      try {
        this.#requests.sendDirect({ type: 'join', room, password }, (outcome) => {
          // The end of the connection is reported by itself.
          if (outcome.type === 'unanswered' && outcome.reason === 'connection-lost') return;
          this.#onRejoined(room, joinError(room, outcome));
          unanswered--;
          if (unanswered === 0) this.#openQueue();
        });
      } catch {
        return;
      }
    }
  }

  #onRejoined(room: string, error: ConnectorError | undefined): void {
    const { log, onError } = this.#context;
    const name = JSON.stringify(room);
    if (error === undefined) {
      log({ level: 'info', event: 'rejoined', message: `Joined ${name} again.`, room });
      return;
    }
    const message = `${name} could not be joined again.`;
    log({ level: 'error', event: 'rejoinFailed', message, room, ...codeOf(error) });
    onError(error);
  }

  #openQueue(): void {
    const { queue, desiredRooms, log } = this.#context;
    const { current } = desiredRooms;
    if (!this.#requests.restoreCurrent(current)) {
      const now = JSON.stringify(this.rooms.current ?? 'the lobby');
      const message = `The current room is now ${now}, not ${JSON.stringify(current ?? 'the lobby')}.`;
      log({
        level: 'warn',
        event: 'rejoinFailed',
        message,
        ...(current === undefined ? {} : { room: current }),
      });
    }
    queue.open(this.#requests);
  }

  #makeHeartbeat(): Heartbeat | undefined {
    const { config, stats, log } = this.#context;
    const { clock, livenessInterval, livenessTimeout, slackMs } = config;
    if (livenessInterval === false) return undefined;
    return new Heartbeat({
      clock,
      intervalMs: livenessInterval * 1000,
      timeoutMs: livenessTimeout * 1000 + slackMs,
      // While reading is paused, silence means nothing.
      lastReceivedAt: () => (this.#connection.isPaused ? clock.now() : stats.lastReceivedAt),
      probe: () => {
        const message = `Nothing was received for ${livenessInterval} s: asking the server.`;
        log({ level: 'debug', event: 'probing', message });
        this.measureRtt();
      },
      dead: () => this.#connection.abandon(serverSilent(livenessInterval + livenessTimeout)),
    });
  }
}

function serverSilent(seconds: number): ConnectionLostError {
  return new ConnectionLostError(
    'SERVER_SILENT',
    `The server sent nothing for ${seconds} s and did not answer a question: the server, or the network, is down.`,
    { seconds },
  );
}
