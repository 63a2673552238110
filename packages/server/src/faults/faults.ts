import { makeCertificate, type IdentityPems } from '../identity/certificate.js';
import type { ClientConnection } from '../client/clientConnection.js';
import { ServerError } from '../errors.js';
import { checkIdentity, type Identity } from '../identity/identity.js';
import type { Clock } from '../time/clock.js';
import { FaultyWriter } from './faultyWriter.js';

/** A short key is generated quickly, and clients accept any RSA key. */
const TEST_KEY_BITS = 2048;

/** The server, as far as faults use it. */
export interface FaultTarget {
  readonly clock: Clock;
  readonly connections: Iterable<ClientConnection>;
  /** Whether new connections get joined records: see `joinRecords`. */
  joinsRecords: boolean;
  restart(identity: Identity): Promise<void>;
}

/**
 * Causes network and server faults on purpose, for tests of bots. A fault applies to the user's current connection. All
 * methods for a user throw a `ServerError` `USER_UNKNOWN` if that user is not online.
 *
 * @example
 * server.faults.cut('bot'); // does the bot reconnect?
 */
export class ServerFaults {
  readonly #server: FaultTarget;
  readonly #writers = new WeakMap<ClientConnection, FaultyWriter>();
  readonly #restarted: (certPem: string) => void;

  /** `restarted` is called with the new certificate. */
  constructor(server: FaultTarget, restarted: (certPem: string) => void) {
    this.#server = server;
    this.#restarted = restarted;
  }

  /** Delays everything that is sent to the user, in order. */
  delay(user: string, seconds: number): void {
    this.#writerOf(user).delayMs = seconds * 1000;
  }

  /** Ends the user's connection at once, without a notice. */
  cut(user: string): void {
    this.#connectionOf(user).cut();
  }

  /** Cuts what is sent to the user into TLS records of at most `bytes` bytes. Default 64. */
  splitRecords(user: string, bytes = 64): void {
    this.#writerOf(user).splitBytes = Math.max(1, Math.floor(bytes));
  }

  /**
   * For users who connect from now on, joins several packets in each TLS record. A correct reader separates them; a 1.x
   * reader loses all but the first.
   */
  joinRecords(): void {
    this.#server.joinsRecords = true;
  }

  /** Drops the next `count` texts for the user: answers, echoes and messages. */
  dropAnswers(user: string, count: number): void {
    this.#connectionOf(user).dropTexts(count);
  }

  /** Stops reading from the user and writing to the user; the connection stays open. */
  halfOpen(user: string): void {
    this.#connectionOf(user).halfOpen();
  }

  /**
   * Ends all delays, splits and drops, and joins nothing for new connections. Half-open connections stay half-open, and
   * what is already delayed still arrives at its time.
   */
  clear(): void {
    this.#server.joinsRecords = false;
    for (const connection of this.#server.connections) {
      connection.dropTexts(0);
      this.#writers.get(connection)?.clear();
    }
  }

  /**
   * Cuts all connections and starts the server again on the same port, without rooms and with a new certificate, as a
   * 1.x server does; `server.certPem` is the new one. Resolves when clients can connect. `identity`: the new identity;
   * default: a generated one.
   *
   * @throws ServerError `SERVER_CLOSED` if the server is closed, before or during the call; `IDENTITY_INVALID`,
   * `IDENTITY_MISMATCH`
   */
  async restart(identity?: IdentityPems): Promise<void> {
    const pems = identity ?? (await makeCertificate(new Date(), TEST_KEY_BITS));
    const checked = checkIdentity(pems, 'the identity for the restart');
    await this.#server.restart(checked);
    this.#restarted(checked.certPem);
  }

  #writerOf(user: string): FaultyWriter {
    const connection = this.#connectionOf(user);
    let writer = this.#writers.get(connection);
    if (writer === undefined) {
      writer = connection.intercept((inner) => new FaultyWriter(inner, this.#server.clock, false));
      this.#writers.set(connection, writer);
    }
    return writer;
  }

  #connectionOf(user: string): ClientConnection {
    for (const connection of this.#server.connections) {
      if (connection.userName === user) return connection;
    }
    throw new ServerError('USER_UNKNOWN', `No user is online as ${JSON.stringify(user)}.`);
  }
}
