import type { Clock } from './clock.js';
import type { CloseDetails, CloseReason, Log } from './log.js';

/** What a peer needs of its TCP socket. */
export interface PeerSocket {
  destroy(): unknown;
}

export interface PeerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds. */
  readonly loginTimeout: number;
}

/**
 * Whoever is at the other end of a TCP connection, from its first moment to its last: the time limit for the
 * login, and the record that is kept of the connection in the log.
 */
export class Peer {
  readonly #client: number;
  readonly #socket: PeerSocket;
  readonly #options: PeerOptions;
  readonly #since: number;
  readonly #deadline: unknown;
  #name: string | undefined;
  #ending: ({ reason: CloseReason } & CloseDetails) | undefined;
  #isClosed = false;

  /** `client` numbers the connections. */
  constructor(client: number, socket: PeerSocket, options: PeerOptions) {
    this.#client = client;
    this.#socket = socket;
    this.#options = options;
    this.#since = options.clock.now();
    this.#deadline = options.clock.setTimeout(
      () => this.destroy('loginTimeout'),
      options.loginTimeout * 1000,
    );
  }

  get isLoggedIn(): boolean {
    return this.#name !== undefined;
  }

  loggedIn(name: string): void {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#name = name;
    this.#options.log({ event: 'joined', client: this.#client, name });
  }

  /** Notes why the connection is about to end; the first reason counts. */
  ending(reason: CloseReason, details: CloseDetails = {}): void {
    this.#ending ??= { reason, ...details };
  }

  /** Closes at once. */
  destroy(reason: CloseReason, details?: CloseDetails): void {
    this.ending(reason, details);
    this.#socket.destroy();
  }

  /** The connection is closed, whoever closed it. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#deadline);
    this.#options.log({
      event: 'closed',
      client: this.#client,
      ...(this.#name === undefined ? {} : { name: this.#name }),
      ...(this.#ending ?? { reason: 'ended' }),
      seconds: (this.#options.clock.now() - this.#since) / 1000,
    });
  }
}
