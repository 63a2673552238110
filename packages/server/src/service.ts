import { Admission } from './admission.js';
import { Chat } from './chat.js';
import { Connection, type ConnectionContext } from './connection.js';
import { Counters } from './counters.js';
import { ServerError } from './errors.js';
import { EveryMinute } from './everyMinute.js';
import type { Identity } from './identity.js';
import { Listener } from './listener.js';
import { LiveOptions } from './liveOptions.js';
import type { ReloadableOptions, ResolvedOptions } from './options.js';
import type { Peer } from './peer.js';
import { Refusals } from './refusals.js';
import { ServerEvents } from './serverEvents.js';
import { serverStats, type ServerStats } from './stats.js';
import { TurnEnd } from './turnEnd.js';

/** How long the end waits for clients to read the farewell and go; always real time. */
const CLOSE_GRACE_MS = 1000;

/** The parts of a server, put together. */
export class Service {
  readonly events: ServerEvents;
  /** Whether those who connect from now on are sent joined records, as a fault. */
  joinsRecords = false;
  readonly #options: LiveOptions;
  readonly #counters = new Counters();
  readonly #refusals: Refusals;
  readonly #admission: Admission;
  readonly #turnEnd = new TurnEnd();
  readonly #everyMinute: EveryMinute;
  readonly #connections = new Set<Connection>();
  #chat: Chat;
  #listener: Listener | undefined;
  #isShutDown = false;

  constructor(options: ResolvedOptions) {
    this.#options = new LiveOptions(options);
    this.events = new ServerEvents(options.log);
    this.#refusals = new Refusals(options.log);
    this.#admission = new Admission(this.#options);
    this.#chat = this.#newChat();
    this.#everyMinute = new EveryMinute(options.clock, () => this.#lookAfter());
  }

  get chat(): Chat {
    return this.#chat;
  }

  /** Those whose TLS handshake is done. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** Accepts connections; gives the port. Rejects with Node's own error, such as `EADDRINUSE`. */
  async listen(identity: Identity, port: number): Promise<number> {
    const { host, clock, log } = this.#options.current;
    const shared = {
      options: this.#options,
      counters: this.#counters,
      refusals: this.#refusals,
      admission: this.#admission,
      clock,
      log,
    };
    const context: Omit<ConnectionContext, 'joinsRecords'> = {
      ...shared,
      chat: this.#chat,
      certificateKey: identity.key,
      defer: this.#turnEnd.defer,
    };
    const listener = await Listener.listen(identity, { host, port }, shared, (socket, peer) => {
      const connection = new Connection(socket, peer, { ...context, joinsRecords: this.joinsRecords });
      this.#connections.add(connection);
      void connection.open();
      void connection.closed.then(() => this.#connections.delete(connection));
    });
    if (this.#isShutDown) {
      await listener.close();
      throw shutDownError();
    }
    this.#listener = listener;
    this.#everyMinute.start();
    log({ event: 'listening', host, port: listener.port });
    return listener.port;
  }

  /** @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID` */
  reload(changes: ReloadableOptions): void {
    const changed = this.#options.change(changes);
    if (changed.length === 0) return;
    for (const connection of this.#connections) connection.reload();
    this.#options.current.log({ event: 'reloaded', options: changed.join(' ') });
  }

  stats(): ServerStats {
    return serverStats({
      counters: this.#counters,
      admission: this.#admission,
      refusals: this.#refusals,
      chat: this.#chat,
      peers: this.#peers,
      connections: this.#connections,
    });
  }

  /** Tells everyone that the chat is over and ends; resolves when all connections are closed. */
  async shutDown(): Promise<void> {
    this.#isShutDown = true;
    const stopped = this.#listener?.close();
    for (const peer of this.#peers) {
      if (peer.isLoggedIn) peer.ending('shutdown');
      else peer.destroy('shutdown');
    }
    this.#chat.end();
    const grace = setTimeout(() => {
      for (const peer of this.#peers) peer.destroy('shutdown');
    }, CLOSE_GRACE_MS);
    await stopped;
    clearTimeout(grace);
    await this.#allClosed();
    this.#everyMinute.stop();
    this.#refusals.flush();
    this.#options.current.log({ event: 'stopped' });
  }

  /**
   * Ends as a server does that is killed, and begins anew on the same port, with nobody and no room in it.
   *
   * @throws ServerError `SERVER_CLOSED`
   */
  async restart(identity: Identity): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined || this.#isShutDown) throw shutDownError();
    const { port } = listener;
    const stopped = listener.close();
    for (const peer of listener.peers) peer.cut();
    await stopped;
    await this.#allClosed();
    this.#chat = this.#newChat();
    await this.listen(identity, port);
  }

  get #peers(): Iterable<Peer> {
    return this.#listener?.peers ?? [];
  }

  #newChat(): Chat {
    const { generation, clock, date } = this.#options.current;
    return new Chat({
      generation,
      clock,
      date,
      options: this.#options,
      counters: this.#counters,
      refusals: this.#refusals,
      events: this.events,
    });
  }

  #lookAfter(): void {
    for (const connection of this.#connections) connection.checkIdle();
    this.#chat.forgetOld();
    this.#refusals.flush();
  }

  async #allClosed(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.closed));
  }
}

function shutDownError(): ServerError {
  return new ServerError('SERVER_CLOSED', 'The server is closed. Start another one.');
}
