import type { Lease } from '../limits/connectionLimiter.js';
import type { SourcePenalties } from '../limits/sourcePenalties.js';
import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { CloseDetails, Log } from '../observe/log.js';
import type { CloseReason } from '../observe/reasons.js';

/** The part of a TCP socket that a ClientSocket uses. */
export interface TcpSocket {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  destroy(): unknown;
  /** Closes with a TCP reset. */
  resetAndDestroy(): unknown;
}

export interface ClientSocketContext {
  readonly options: CurrentOptions;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly penalties: Pick<SourcePenalties, 'charge'>;
  readonly log: Log;
}

/**
 * The TCP connection of one client, from accept to close: its time limits for handshake and login, and its
 * entries in the log and in the counters.
 */
export class ClientSocket {
  /** The number of the connection, counting from 1. */
  readonly client: number;
  readonly address: string;
  /** Whether the TLS handshake is done. */
  isSecure = false;
  readonly #socket: TcpSocket;
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
    socket: TcpSocket,
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

  /** How long the connection has been open. */
  get openMs(): number {
    return this.#context.clock.now() - this.#since;
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  /** The key exchange is done; `timedOut` is called when `loginTimeout` has passed. */
  handshakeDone(timedOut: () => void): void {
    const { clock, counters, options } = this.#context;
    const passedMs = clock.now() - this.#since;
    counters.handshakeDone(passedMs / 1000);
    clock.clearTimeout(this.#deadline);
    this.#deadline = clock.setTimeout(timedOut, options.current.loginTimeout * 1000 - passedMs);
  }

  loggedIn(name: string): void {
    this.#context.clock.clearTimeout(this.#deadline);
    this.#lease.loggedIn();
    this.#name = name;
    this.#context.counters.logins++;
    this.#context.log({ event: 'joined', client: this.client, name });
  }

  /** Sets the reason why the connection ends; the first one counts. */
  ending(reason: CloseReason, details: CloseDetails = {}): void {
    this.#ending ??= { reason, ...details };
  }

  /** Closes at once. */
  destroy(reason: CloseReason, details?: CloseDetails): void {
    this.ending(reason, details);
    this.#socket.destroy();
  }

  /** Resets the connection: for faults. */
  cut(): void {
    this.ending('fault');
    this.#socket.resetAndDestroy();
  }

  /** To be called when the connection is closed, by either side. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock, counters, log, penalties } = this.#context;
    clock.clearTimeout(this.#deadline);
    this.#lease.leave();
    const ending = this.#ending ?? { reason: 'ended' };
    counters.bytesIn += this.bytesIn;
    counters.bytesOut += this.bytesOut;
    counters.closed(ending.reason);
    penalties.charge(ending.reason, this.address);
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
