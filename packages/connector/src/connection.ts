import {
  CoverTraffic,
  formatClientRequest,
  parseServerMessage,
  ProtocolError,
  type Channel,
  type CoverTrafficOptions,
  type ServerMessage,
  type SessionEvent,
} from '@quietroom/protocol';
import type { ResolvedConfig } from './config.js';
import { ConnectionLostError, ConnectorError } from './errors.js';

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** A text from the server, and what it means; in the order of arrival. */
  message(text: string, message: ServerMessage): void;
  /** The connection is gone; called once, and last. null: `quit` closed it. */
  closed(reason: ConnectionLostError | null): void;
}

/** Enough for a server to see that the client is there. */
const KEEPALIVE_BYTES = 32;

/** How long `quit` waits for what is queued to go out and for the server to close. */
const QUIT_TIMEOUT_MS = 5000;

/** One connection, from login to its end. */
export class Connection {
  readonly #channel: Channel;
  readonly #config: ResolvedConfig;
  readonly #cover: CoverTraffic;
  #state: 'open' | 'quitting' | 'closed' = 'open';
  #events: ConnectionEvents | undefined;
  /** The hint after the welcome belongs to the login, not to the conversation. */
  #hintIsDue = true;
  /** Texts that came before there was anyone to tell. */
  #waiting: string[];
  /** What is known of why the connection ends, before it does. */
  #reason: ConnectionLostError | null | undefined;
  readonly #closed: Promise<void>;
  #resolveClosed = (): void => {};

  constructor(channel: Channel, config: ResolvedConfig, early: string[]) {
    this.#channel = channel;
    this.#config = config;
    this.#waiting = early;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#cover = new CoverTraffic(coverOf(config), (bytes) => this.#orFail(() => channel.sendDecoy(bytes)));
    this.#cover.start();
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

  /**
   * Resolves when TLS has taken the text.
   *
   * @throws ConnectorError `QUEUE_FULL`, `DISCONNECTED`; ConnectionLostError
   */
  send(text: string): Promise<void> {
    const { maxQueuedBytes } = this.#config;
    if (this.#state !== 'open') return Promise.reject(this.#endError());
    if (this.#channel.queuedBytes > maxQueuedBytes) return Promise.reject(queueFull(maxQueuedBytes));
    return new Promise((resolve, reject) => {
      this.#orFail(() => {
        this.#channel.sendText(text, (error) => {
          if (error) reject(this.#endError(error));
          else resolve();
        });
      }, reject);
    });
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
      this.#orFail(() => this.#channel.sendText(quit, () => this.#channel.end()));
      await this.#closed;
      clock.clearTimeout(timer);
    }
    await this.#closed;
  }

  onEvent(event: SessionEvent): void {
    if (event.type === 'text') this.#onText(event.text);
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

  /** Runs what sends. A session without nonces is of no use any more; other refusals are the caller's. */
  #orFail(send: () => void, reject?: (error: Error) => void): void {
    try {
      send();
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'NONCES_EXHAUSTED') this.#fail(error);
      reject?.(this.#endError(error));
    }
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

export function queueFull(limit: number): ConnectorError {
  return new ConnectorError(
    'QUEUE_FULL',
    `More than ${limit} bytes wait to be sent; this text was not queued. Await your sends, or raise maxQueuedBytes.`,
  );
}
