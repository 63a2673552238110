import type { Lease } from '../limits/connectionLimiter.js';
import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import type { LiveOptions } from '../options/reloadableOptions.js';
import type { CloseDetails, Log } from '../observe/log.js';
import type { CloseReason } from '../observe/reasons.js';

/** What a peer needs of its TCP socket. */
export interface TlsClientSocket {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  destroy(): unknown;
  /** Closes without a farewell of TCP. */
  resetAndDestroy(): unknown;
}

export interface ClientSocketContext {
  readonly options: LiveOptions;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Whoever is at the other end of a TCP connection, from its first moment to its last: the time limits for
 * handshake and login, and the record that is kept of the connection in the log and in the counters.
 */
export class ClientSocket {
  /** Numbers the connections. */
  readonly client: number;
  readonly address: string;
  readonly #socket: TlsClientSocket;
  readonly #lease: Lease;
  readonly #context: ClientSocketContext;
  readonly #since: number;
  #deadline: unknown;
  #name: string | undefined;
  #ending: ({ reason: CloseReason } & CloseDetails) | undefined;
  #isClosed = false;

  constructor(
    client: number,
    address: string,
    socket: TlsClientSocket,
    lease: Lease,
    context: ClientSocketContext,
  ) {
    this.client = client;
    this.address = address;
    this.#socket = socket;
    this.#lease = lease;
    this.#context = context;
    this.#since = context.clock.now();
    const { handshakeTimeout, loginTimeout } = context.options.current;
    const reason = loginTimeout < handshakeTimeout ? 'loginTimeout' : 'handshakeTimeout';
    this.#deadline = context.clock.setTimeout(
      () => this.destroy(reason),
      Math.min(handshakeTimeout, loginTimeout) * 1000,
    );
  }

  get isLoggedIn(): boolean {
    return this.#name !== undefined;
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  /** The key exchange is over; `tooLate` is called when the login takes too long. */
  handshakeDone(tooLate: () => void): void {
    const { clock, counters, options } = this.#context;
    const passedMs = clock.now() - this.#since;
    counters.handshakeDone(passedMs / 1000);
    clock.clearTimeout(this.#deadline);
    this.#deadline = clock.setTimeout(tooLate, options.current.loginTimeout * 1000 - passedMs);
  }

  loggedIn(name: string): void {
    this.#context.clock.clearTimeout(this.#deadline);
    this.#lease.loggedIn();
    this.#name = name;
    this.#context.counters.logins++;
    this.#context.log({ event: 'joined', client: this.client, name });
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

  /** Closes at once, as a cut cable does: for faults. */
  cut(): void {
    this.ending('fault');
    this.#socket.resetAndDestroy();
  }

  /** The connection is closed, whoever closed it. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock, counters, log } = this.#context;
    clock.clearTimeout(this.#deadline);
    this.#lease.leave();
    const ending = this.#ending ?? { reason: 'ended' };
    counters.bytesIn += this.bytesIn;
    counters.bytesOut += this.bytesOut;
    counters.closed(ending.reason);
    log({
      event: 'closed',
      client: this.client,
      ...(this.#name === undefined ? {} : { name: this.#name }),
      ...ending,
      address: this.address,
      seconds: Math.round(clock.now() - this.#since) / 1000,
    });
  }
}
