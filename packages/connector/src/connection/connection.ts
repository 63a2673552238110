import {
  CoverTraffic,
  formatClientRequest,
  parseServerMessage,
  ProtocolError,
  type Channel,
  type CoverTrafficOptions,
  type ServerMessage,
  type SessionCounters,
  type SessionEvent,
  type Taken,
} from '@quietroom/protocol';
import type { ResolvedConfig } from '../options/config.js';
import { ConnectionLostError, ConnectorError } from '../errors.js';

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** A text from the server, and what it means; in the order of arrival. */
  message(text: string, message: ServerMessage): void;
  /** A packet of a file, in order with the texts. */
  file(packet: Uint8Array): void;
  /** The connection is gone; called once, and last. null: `quit` closed it. */
  closed(reason: ConnectionLostError | null): void;
}

/** Enough for a server to see that the client is there. */
const KEEPALIVE_BYTES = 32;

/** How long `quit` waits for what is queued to go out and for the server to close. */
const QUIT_TIMEOUT_MS = 5000;

/** One connection, from login to its end. */
export class Connection {
  /** The name that the server knows us by. */
  readonly username: string;
  readonly #channel: Channel;
  readonly #config: ResolvedConfig;
  readonly #cover: CoverTraffic;
  #state: 'open' | 'quitting' | 'closed' = 'open';
  #events: ConnectionEvents | undefined;
  #isPaused = false;
  /** The hint after the welcome belongs to the login, not to the requests. */
  #hintIsDue = true;
  /** Texts that came before there was anyone to tell. */
  #waiting: string[];
  /** What is known of why the connection ends, before it does. */
  #reason: ConnectionLostError | null | undefined;
  readonly #closed: Promise<void>;
  #resolveClosed = (): void => {};

  constructor(channel: Channel, config: ResolvedConfig, username: string, early: string[]) {
    this.username = username;
    this.#channel = channel;
    this.#config = config;
    this.#waiting = early;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#cover = new CoverTraffic(coverOf(config), (bytes) => {
      try {
        channel.sendDecoy(bytes);
      } catch (error) {
        // The connection is at its end, and tells so itself.
        this.#refusal(error);
      }
    });
    this.#cover.start();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Bytes that TLS has not been given yet. */
  get queuedBytes(): number {
    return this.#channel.queuedBytes;
  }

  /** Begins to tell `events`; what came before is told first. */
  start(events: ConnectionEvents): void {
    for (const text of this.#waiting) events.message(text, parseServerMessage(text));
    this.#waiting = [];
    this.#events = events;
    if (this.#state === 'closed') events.closed(this.#reason ?? null);
  }

  get counters(): SessionCounters {
    return this.#channel.counters;
  }

  /**
   * Sends a text; `taken` is called when TLS has taken it, or with an error when it never will.
   *
   * @throws ConnectorError `DISCONNECTED`; ConnectionLostError
   */
  send(text: string, taken: Taken): void {
    if (this.#state !== 'open') throw this.#endError();
    try {
      this.#channel.sendText(text, taken);
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /** Sends a packet of a file, whose bytes must not change until it is taken; tells and throws as `send` does. */
  sendFile(packet: Uint8Array, taken: Taken): void {
    if (this.#state !== 'open') throw this.#endError();
    try {
      this.#channel.sendFile(packet, taken);
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /** Reads nothing more from the server, until `resumeReading`. */
  pauseReading(): void {
    this.#isPaused = true;
    this.#channel.pauseReading();
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#channel.resumeReading();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Gives the connection up at once, for this reason. */
  abandon(reason: ConnectionLostError): void {
    if (this.#reason !== null) this.#reason = reason;
    this.#channel.destroy();
  }

  /** Leaves in good order: what is queued goes out first. Resolves when the connection is closed. */
  async quit(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'quitting';
      if (this.#reason === undefined) this.#reason = null;
      this.#cover.stop();
      const { clock } = this.#config;
      const timer = clock.setTimeout(() => this.#channel.destroy(), QUIT_TIMEOUT_MS);
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

  onEvent(event: SessionEvent): void {
    if (event.type === 'text') this.#onText(event.text);
    // Before there is anyone to tell, none was accepted.
    if (event.type === 'file') this.#events?.file(event.bytes);
    if (event.type === 'failed') this.#fail(event.error);
  }

  onClosed(error: Error | undefined): void {
    this.#cover.stop();
    this.#state = 'closed';
    if (this.#reason === undefined) this.#reason = lost(error);
    this.#resolveClosed();
    this.#events?.closed(this.#reason);
  }

  #onText(text: string): void {
    const message = parseServerMessage(text);
    if (message.type === 'loginHint' && this.#hintIsDue) {
      this.#hintIsDue = false;
      return;
    }
    if (message.type === 'shutdown' && this.#reason === undefined) {
      this.#reason = new ConnectionLostError('SERVER_SHUTDOWN', 'The server was shut down.');
    }
    if (this.#events) this.#events.message(text, message);
    else this.#waiting.push(text);
  }

  /** Why the session does not send. One without nonces is of no use any more. */
  #refusal(error: unknown): ConnectorError {
    if (error instanceof ProtocolError && error.code === 'NONCES_EXHAUSTED') this.#fail(error);
    return this.#endError(error);
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

/** Decoys; or, where they are turned off, what keeps the connection alive. */
function coverOf(config: ResolvedConfig): CoverTrafficOptions {
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
