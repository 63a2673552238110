import { makeCertificate, type IdentityPems } from '../identity/certificate.js';
import type { ClientConnection } from '../client/clientConnection.js';
import { ServerError } from '../errors.js';
import { checkIdentity, type Identity } from '../identity/identity.js';
import type { Clock } from '../time/clock.js';
import { FaultyWriter } from './faultyWriter.js';

/** For tests, a key is made quickly; clients compare the certificate and take any RSA key. */
const TEST_KEY_BITS = 2048;

/** The server that faults are done to. */
export interface FaultTarget {
  readonly clock: Clock;
  readonly connections: Iterable<ClientConnection>;
  /** Whether new connections get joined records: see `joinRecords`. */
  joinsRecords: boolean;
  restart(identity: Identity): Promise<void>;
}

/**
 * What can go wrong between a bot and its server, for tests of bots; over the real wire, and never by itself.
 * A fault holds for the connection that the user has now; for a user who is not online all throw a
 * `ServerError` `USER_UNKNOWN`.
 *
 * @example
 * server.faults.cut('bot'); // as when a cable is cut: does the bot come back?
 */
export class ServerFaults {
  readonly #server: FaultTarget;
  readonly #writers = new WeakMap<ClientConnection, FaultyWriter>();
  readonly #restarted: (certPem: string) => void;

  /** `restarted` is told of the new certificate. */
  constructor(server: FaultTarget, restarted: (certPem: string) => void) {
    this.#server = server;
    this.#restarted = restarted;
  }

  /** All that the user is sent comes so many seconds later, in order. */
  delay(user: string, seconds: number): void {
    this.#writerOf(user).delayMs = seconds * 1000;
  }

  /** Ends the user's connection at once, without a farewell. */
  cut(user: string): void {
    this.#connectionOf(user).cut();
  }

  /** All that the user is sent comes in TLS records of at most so many bytes, 64 unless said otherwise. */
  splitRecords(user: string, bytes = 64): void {
    this.#writerOf(user).splitBytes = Math.max(1, Math.floor(bytes));
  }

  /**
   * What users who connect from now on are sent comes in TLS records that are as full as they can be, with
   * several packets in one: a careful reader takes them apart, one of 1.x loses all but the first.
   */
  joinRecords(): void {
    this.#server.joinsRecords = true;
  }

  /** The next texts for the user do not leave the server: answers, echoes and messages alike. */
  dropAnswers(user: string, count: number): void {
    this.#connectionOf(user).dropTexts(count);
  }

  /** Nothing is read from the user or written to them any more, but the connection stays. */
  halfOpen(user: string): void {
    this.#connectionOf(user).halfOpen();
  }

  /**
   * Delays, splits and drops nothing any more, and joins nothing for those who connect from now on. Half-open
   * connections stay so, and what is held back already still comes at its time.
   */
  clear(): void {
    this.#server.joinsRecords = false;
    for (const connection of this.#server.connections) {
      connection.dropTexts(0);
      this.#writers.get(connection)?.clear();
    }
  }

  /**
   * Cuts all connections and starts the server anew on the same port, with no room in it and with a new
   * certificate, as a server of 1.x does; `server.certPem` is the new one. Resolves when clients can connect.
   * `identity`: the new one; default: one that is made.
   *
   * @throws ServerError `SERVER_CLOSED` when the server is closed, or is closed meanwhile; `IDENTITY_INVALID`,
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
    throw new ServerError('USER_UNKNOWN', `Nobody is online as ${JSON.stringify(user)}.`);
  }
}
