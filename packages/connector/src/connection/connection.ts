import {
  DecoyCover,
  formatClientRequest,
  parseServerMessage,
  ProtocolError,
  type Channel,
  type ChannelEvents,
  type Cover,
  type DecoyCoverOptions,
  type ServerMessage,
  type SessionCounters,
  type SessionEvent,
  type Taken,
} from '@quietroom/protocol';
import { PADDING_SHAPES, type CellCounts } from '@quietroom/protocol/internals';
import type { ResolvedConfig } from '../options/config.js';
import type { StatsRecorder } from '../observe/stats.js';
import { ConnectionLostError, ConnectorError } from '../errors.js';
import { JoinedWrites } from './joinedWrites.js';
import { SteadyMode } from './steadyMode.js';

/** The events of a connection. */
export interface ConnectionEvents {
  /** A text from the server, raw and parsed; in the order of arrival. */
  readonly message: (text: string, message: ServerMessage) => void;
  /** A packet of a file, in order with the texts. */
  readonly file: (packet: Uint8Array) => void;
  /** TLS has taken all packets up to this number: see `Channel.sendText`. */
  readonly written: (lastPacket: number) => void;
  /** The server lost the second of two packets in one write: each packet is sent in a write of its own. */
  readonly joinedWriteFailed: () => void;
  /** The connection is closed; called once, and last. null: by `quit`. */
  readonly closed: (reason: ConnectionLostError | null) => void;
}

/** Enough for a server to count the client as alive. */
const KEEPALIVE_BYTES = 32;

/** How long `quit` waits until everything is sent and the server has closed. */
const QUIT_TIMEOUT_MS = 5000;

/** How much is read before the event loop gets its turn: Node would read up to 2 MB without a pause. */
const MAX_TURN_BYTES = 64 * 1024;

/** How much is handed to TLS ahead of the network; more could not be withdrawn. */
const AHEAD_BYTES = 256 * 1024;

/** The same while each packet needs a write of its own; more than a file has there, so that messages get by. */
const AHEAD_BYTES_SINGLE = 64 * 1024;

/** With at least this many packets queued, joined writes are worth two requests to the server. */
const BURST_PACKETS = 16;

/** One connection, from login to its end. */
export class Connection implements ChannelEvents {
  /** The name that the server knows us by. */
  readonly username: string;
  readonly #channel: Channel;
  readonly #config: ResolvedConfig;
  readonly #stats: StatsRecorder;
  readonly #cover: Cover;
  /** The cover in steady mode. */
  readonly #steady: SteadyMode | undefined;
  readonly #joinedWrites: JoinedWrites | undefined;
  #aheadBytes = AHEAD_BYTES;
  #state: 'open' | 'quitting' | 'closed' = 'open';
  #events: ConnectionEvents | undefined;
  #isPaused = false;
  /** Received since reading last yielded to the event loop. */
  #turnBytes = 0;
  #isYielding = false;
  /** The hint after the welcome is part of the login. */
  #isHintDue = true;
  /** Texts that arrived before `start`. */
  #early: string[];
  #lastWritten = 0;
  /** Why the connection ends; set as soon as that is known. */
  #reason: ConnectionLostError | null | undefined;
  readonly #closed: Promise<void>;
  #resolveClosed = (): void => {};

  /** `early`: texts that arrived during the login and are not part of it. */
  constructor(
    channel: Channel,
    config: ResolvedConfig,
    stats: StatsRecorder,
    username: string,
    early: string[],
  ) {
    this.username = username;
    this.#channel = channel;
    this.#config = config;
    this.#stats = stats;
    this.#early = early;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    // An error means that the connection is ending, which `closed` reports.
    const sendFailed = (error: unknown): void => void this.sendError(error);
    if (config.steady === false) {
      this.#cover = new DecoyCover(decoysOf(config), (bytes) => {
        try {
          channel.sendDecoy(bytes);
        } catch (error) {
          sendFailed(error);
        }
      });
      if (PADDING_SHAPES[config.padding].fillsRecords) this.#joinedWrites = this.#makeJoinedWrites();
    } else {
      this.#steady = new SteadyMode(config.steady, config.clock, channel, sendFailed);
      this.#cover = this.#steady;
      this.#aheadBytes = 0;
    }
    this.#cover.start();
    channel.handOver(this);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** How many bytes the channel may have queued before more is sent. */
  get aheadBytes(): number {
    return this.#aheadBytes;
  }

  /** The counts of the steady mode. */
  get cells(): CellCounts | undefined {
    return this.#steady?.counts;
  }

  /** In steady mode, and not left for a file. */
  get isSteady(): boolean {
    return this.#steady?.isRunning ?? false;
  }

  /** Leaves the steady mode, if there is one: everything is sent at once. */
  leaveSteady(): void {
    if (this.#steady === undefined || this.#state !== 'open') return;
    this.#aheadBytes = AHEAD_BYTES_SINGLE;
    this.#steady.leave();
  }

  resumeSteady(): void {
    if (this.#steady === undefined || this.#state !== 'open') return;
    this.#aheadBytes = 0;
    this.#steady.resume();
  }

  /** Where packets are sent while the connection is open. What it throws is to be passed through `sendError`. */
  get channel(): Pick<Channel, 'sendText' | 'queuedBytes'> {
    return this.#channel;
  }

  get counters(): SessionCounters {
    return this.#channel.counters;
  }

  /** Starts to deliver to `events`, beginning with what arrived before. */
  start(events: ConnectionEvents): void {
    for (const text of this.#early) events.message(text, parseServerMessage(text));
    this.#early = [];
    this.#events = events;
    events.written(this.#lastWritten);
    if (this.#state === 'closed') events.closed(this.#reason ?? null);
  }

  /**
   * Sends a packet of a file, whose bytes must not change until `taken`, which is called when TLS has taken it, or
   * with an error when it never will.
   *
   * @throws ConnectorError `DISCONNECTED`; ConnectionLostError
   */
  sendFile(packet: Uint8Array, taken: Taken): void {
    if (this.#state !== 'open') throw this.#endError();
    try {
      this.#channel.sendFile(packet, taken);
    } catch (error) {
      throw this.sendError(error);
    }
  }

  /** Reads nothing more from the server, until `resumeReading`. */
  pauseReading(): void {
    this.#isPaused = true;
    this.#channel.pauseReading();
  }

  resumeReading(): void {
    this.#isPaused = false;
    if (!this.#isYielding) this.#channel.resumeReading();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Closes the connection at once, for this reason. */
  abandon(reason: ConnectionLostError): void {
    if (this.#reason !== null) this.#reason = reason;
    this.#channel.destroy();
  }

  /** Closes gracefully, after everything queued is sent. Resolves when the connection is closed. */
  async quit(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'quitting';
      if (this.#reason === undefined) this.#reason = null;
      this.#cover.finish();
      const { clock, slackMs } = this.#config;
      const timer = clock.setTimeout(() => this.#channel.destroy(), QUIT_TIMEOUT_MS + slackMs);
      const quit = formatClientRequest({ type: 'quit' });
      try {
        this.#channel.sendText(quit, () => this.#channel.end());
      } catch {
        this.#channel.destroy();
      }
      await this.#closed;
      clock.clearTimeout(timer);
    }
    await this.#closed;
  }

  received(bytes: number): void {
    this.#stats.received(bytes);
    this.#turnBytes += bytes;
    if (this.#turnBytes < MAX_TURN_BYTES || this.#isYielding) return;
    // Timers and other connections get their turn, however fast the server sends.
    this.#isYielding = true;
    this.#channel.pauseReading();
    setImmediate(() => {
      this.#isYielding = false;
      this.#turnBytes = 0;
      if (!this.#isPaused && this.#state !== 'closed') this.#channel.resumeReading();
    });
  }

  written(lastPacket: number, bytes: number): void {
    this.#stats.sent(bytes);
    this.#lastWritten = lastPacket;
    if (this.#joinedWrites?.isUntried && this.#channel.queuedPackets >= BURST_PACKETS)
      this.#joinedWrites.ask();
    this.#events?.written(lastPacket);
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case 'text': {
        const message = parseServerMessage(event.text);
        if (this.#isPartOfLogin(message) || this.#joinedWrites?.onMessage(message)) return;
        if (this.#steady?.takes(message)) return;
        if (message.type === 'shutdown' && this.#reason === undefined) {
          this.#reason = new ConnectionLostError('SERVER_SHUTDOWN', 'The server was shut down.');
        }
        if (this.#events) this.#events.message(event.text, message);
        else this.#early.push(event.text);
        return;
      }
      case 'file':
        // Before `start`, no file was accepted.
        return this.#events?.file(event.bytes);
      case 'failed':
        return this.#fail(event.error);
      case 'open':
        return;
    }
  }

  closed(error: Error | undefined): void {
    this.#cover.stop();
    this.#joinedWrites?.stop();
    this.#state = 'closed';
    if (this.#reason === undefined) this.#reason = lost(error);
    this.#resolveClosed();
    this.#events?.closed(this.#reason);
  }

  /** The error for a packet that the channel did not take. A session out of nonces ends the connection. */
  sendError(error: unknown): ConnectorError {
    if (error instanceof ProtocolError && error.code === 'NONCES_EXHAUSTED') this.#fail(error);
    return this.#endError(error);
  }

  #makeJoinedWrites(): JoinedWrites {
    const { clock, answerTimeout } = this.#config;
    this.#aheadBytes = AHEAD_BYTES_SINGLE;
    return new JoinedWrites({
      clock,
      timeoutMs: answerTimeout * 1000,
      sendJoined: (texts) => {
        try {
          this.#channel.sendJoined(texts);
        } catch (error) {
          this.sendError(error);
        }
      },
      proven: () => {
        this.#aheadBytes = AHEAD_BYTES;
        this.#channel.joinPackets();
      },
      failed: () => this.#events?.joinedWriteFailed(),
    });
  }

  #isPartOfLogin(message: ServerMessage): boolean {
    if (message.type !== 'loginHint' || !this.#isHintDue) return false;
    this.#isHintDue = false;
    return true;
  }

  #fail(cause: unknown): void {
    if (this.#reason === undefined) {
      this.#reason =
        cause instanceof ProtocolError && cause.code === 'DECRYPTION_BUDGET'
          ? new ConnectionLostError('PROTOCOL_VIOLATION', cause.message, { cause })
          : lost(cause);
    }
    this.#channel.destroy();
  }

  /** Why nothing can be sent. */
  #endError(cause?: unknown): ConnectorError {
    if (this.#reason === null) {
      return new ConnectorError('DISCONNECTED', 'disconnect() was called before this was sent.');
    }
    return this.#reason ?? lost(cause);
  }
}

/** Decoys, or keep-alive packets where decoys are turned off. */
function decoysOf(config: ResolvedConfig): DecoyCoverOptions {
  const { clock, decoyTraffic, decoyInterval, decoyMinBytes, decoyMaxBytes, keepaliveInterval } = config;
  return decoyTraffic
    ? { clock, interval: decoyInterval, isJittered: true, minBytes: decoyMinBytes, maxBytes: decoyMaxBytes }
    : {
        clock,
        interval: keepaliveInterval,
        isJittered: false,
        minBytes: KEEPALIVE_BYTES,
        maxBytes: KEEPALIVE_BYTES,
      };
}

function lost(cause?: unknown): ConnectionLostError {
  const detail = cause instanceof Error ? ` (${cause.message})` : '';
  return new ConnectionLostError('CONNECTION_LOST', `The connection to the server is lost${detail}.`, {
    cause,
  });
}
