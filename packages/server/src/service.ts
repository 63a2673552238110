import { FRAGMENT_BYTES, SocketTransport } from '@quietroom/protocol';
import { TickWheel } from '@quietroom/protocol/internals';
import type { TLSSocket } from 'node:tls';
import type { AdminHost } from './admin/serverAdmin.js';
import type { Moderation } from './admin/moderation.js';
import { ConnectionLimiter } from './limits/connectionLimiter.js';
import { SourcePenalties } from './limits/sourcePenalties.js';
import { Chat } from './chat/chat.js';
import { ClientConnection, type ClientConnectionContext } from './client/clientConnection.js';
import { ClientTransport } from './client/clientTransport.js';
import { FaultyWriter } from './faults/faultyWriter.js';
import { Counters } from './observe/counters.js';
import { ServerError } from './errors.js';
import type { Clock } from './time/clock.js';
import { Housekeeping } from './time/housekeeping.js';
import type { Identity } from './identity/identity.js';
import { Descriptors } from './network/descriptors.js';
import { Listener } from './network/listener.js';
import { CurrentOptions } from './options/currentOptions.js';
import { coverOf, type ReloadableOptions, type ResolvedOptions } from './options/options.js';
import type { ClientSocket } from './network/clientSocket.js';
import { FoldedLog } from './observe/foldedLog.js';
import { Rejections } from './observe/rejections.js';
import { ServerEvents } from './observe/events.js';
import { serverStats, type ServerStats } from './stats.js';
import { Congestion } from './turns/congestion.js';
import { MemoryBudget } from './turns/memoryBudget.js';
import { TurnScheduler } from './turns/turnScheduler.js';

/** How long `shutDown` waits for clients to read the notice and disconnect; always real time. */
const CLOSE_GRACE_MS = 1000;

/** The cells that a steady client is sent at most until it has read the farewell. */
const FAREWELL_CELLS = 3;

/** How often slow readers are looked for while memory is tight. */
const MEMORY_CHECK_MS = 250;

/** The parts of a server, put together. */
export class Service {
  readonly events: ServerEvents;
  /** Whether new connections get joined records, as a fault. */
  joinsRecords = false;
  readonly #options: CurrentOptions;
  readonly #counters = new Counters();
  readonly #log: FoldedLog;
  readonly #rejections: Rejections;
  readonly #penalties: SourcePenalties;
  readonly #connectionLimiter: ConnectionLimiter;
  readonly #descriptors: Descriptors;
  readonly #scheduler = new TurnScheduler();
  readonly #congestion = new Congestion();
  readonly #memory: MemoryBudget;
  /** The ticks of steady clients, and their interval. */
  #wheel: { readonly ticks: TickWheel; readonly interval: number } | undefined;
  #memoryCheck: unknown;
  readonly #housekeeping: Housekeeping;
  readonly #moderation: Moderation;
  readonly #connections = new Set<ClientConnection>();
  #chat: Chat;
  #listener: Listener | undefined;
  #isShutDown = false;

  constructor(options: ResolvedOptions, moderation: Moderation, descriptors = new Descriptors()) {
    this.#descriptors = descriptors;
    this.#moderation = moderation;
    this.#options = new CurrentOptions(options);
    this.#log = new FoldedLog(options.log, () => this.#options.current.logEntriesPerMinute);
    this.events = new ServerEvents(this.#log.write);
    this.#penalties = new SourcePenalties(options.clock, this.#options);
    this.#rejections = new Rejections(this.#log.write, (reason, address) => {
      if (reason === 'passwordTries') this.#penalties.charge(reason, address);
    });
    this.#connectionLimiter = new ConnectionLimiter(this.#options);
    this.#memory = new MemoryBudget(() => this.#options.current.maxMemoryBytes);
    this.#memory.onTight(() => this.#watchMemory());
    this.#chat = this.#newChat();
    this.#housekeeping = new Housekeeping(options.clock, () => this.#lookAfter());
  }

  get clock(): Clock {
    return this.#options.current.clock;
  }

  get chat(): Chat {
    return this.#chat;
  }

  /** Connections that have finished the TLS handshake. */
  get connections(): ReadonlySet<ClientConnection> {
    return this.#connections;
  }

  /** Accepts connections; resolves with the port. Rejects with Node's own error, such as `EADDRINUSE`. */
  async listen(identity: Identity, port: number): Promise<number> {
    const { host, clock, date } = this.#options.current;
    const log = this.#log.write;
    const shared = {
      moderation: this.#moderation,
      options: this.#options,
      counters: this.#counters,
      rejections: this.#rejections,
      connectionLimiter: this.#connectionLimiter,
      penalties: this.#penalties,
      clock,
      log,
      descriptors: this.#descriptors,
      scheduler: this.#scheduler,
    };
    const context: ClientConnectionContext = {
      ...shared,
      chat: this.#chat,
      date,
      certificateKey: identity.key,
      congestion: this.#congestion,
      memory: this.#memory,
      wheel: () => this.#currentWheel,
    };
    const listener = await Listener.listen(identity, { host, port }, shared, (socket, clientSocket) => {
      const connection = new ClientConnection(socket, this.#transportOf(socket), clientSocket, context);
      this.#connections.add(connection);
      void connection.open();
      void connection.closed.then(() => this.#connections.delete(connection));
    });
    if (this.#isShutDown) {
      await listener.close();
      throw shutDownError();
    }
    this.#listener = listener;
    this.#housekeeping.start();
    log({ event: 'listening', host, port: listener.port });
    this.#checkDescriptors();
    return listener.port;
  }

  /** The interface for `ServerAdmin`; `close` ends the server. */
  adminHost(close: () => void): AdminHost {
    const { clock, date } = this.#options.current;
    const chat = (): Chat => this.#chat;
    return {
      clock,
      date,
      log: this.#log.write,
      close,
      moderation: this.#moderation,
      connections: this.#connections,
      get userCount() {
        return chat().userCount;
      },
      clientViews: () => Array.from(this.#connections, ({ view }) => view),
      roomViews: () => this.#chat.roomViews,
      announce: (text) => this.#chat.announce(text),
      closeRoom: (name, text) => this.#chat.closeRoom(name, text),
      onUserLeft: (callback) => this.events.left.add(callback),
    };
  }

  /** @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID` */
  reload(changes: ReloadableOptions): void {
    const changed = this.#options.change(changes);
    if (changed.length === 0) return;
    for (const connection of this.#connections) connection.reload();
    this.#log.write({ event: 'reloaded', options: changed.join(' ') });
    if (changed.includes('maxConnections')) this.#checkDescriptors();
  }

  stats(): ServerStats {
    return serverStats({
      counters: this.#counters,
      connectionLimiter: this.#connectionLimiter,
      rejections: this.#rejections,
      chat: this.#chat,
      clientSockets: this.#clientSockets,
      connections: this.#connections,
      moderation: this.#moderation,
    });
  }

  /** Notifies all users and closes all connections; resolves when they are closed. */
  async shutDown(): Promise<void> {
    this.#isShutDown = true;
    const stopped = this.#listener?.close();
    for (const clientSocket of this.#clientSockets) {
      if (clientSocket.isLoggedIn) clientSocket.ending('shutdown');
      else clientSocket.destroy('shutdown');
    }
    for (const connection of this.#connections) connection.prepareFarewell();
    this.#chat.end();
    const grace = setTimeout(() => {
      for (const clientSocket of this.#clientSockets) clientSocket.destroy('shutdown');
    }, CLOSE_GRACE_MS + this.#farewellMs);
    await stopped;
    clearTimeout(grace);
    await this.#allClosed();
    this.#housekeeping.stop();
    this.clock.clearTimeout(this.#memoryCheck);
    this.#log.flush();
    this.#log.write({ event: 'stopped' });
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
    for (const clientSocket of listener.clientSockets) clientSocket.cut();
    await stopped;
    await this.#allClosed();
    this.#chat = this.#newChat();
    await this.listen(identity, port);
  }

  #checkDescriptors(): void {
    const { limit, mostConnections: connections } = this.#descriptors;
    const { maxConnections } = this.#options.current;
    if (maxConnections <= connections) return;
    this.#log.write({ event: 'descriptorLimit', limit, maxConnections, connections });
  }

  /** The farewell to steady clients goes on their ticks. */
  get #farewellMs(): number {
    const isSteady = [...this.#connections].some((connection) => connection.isSteady);
    return isSteady ? FAREWELL_CELLS * coverOf(this.#options.current).interval * 1000 : 0;
  }

  get #clientSockets(): Iterable<ClientSocket> {
    return this.#listener?.clientSockets ?? [];
  }

  #transportOf(socket: TLSSocket): ClientTransport {
    const { joinsRecords, clock } = this;
    const fragment = FRAGMENT_BYTES[joinsRecords ? 'random' : this.#options.current.padding];
    const transport = new ClientTransport(new SocketTransport(socket, fragment));
    if (joinsRecords) transport.intercept((inner) => new FaultyWriter(inner, clock, true));
    return transport;
  }

  get #currentWheel(): TickWheel {
    const { clock } = this;
    const { interval } = coverOf(this.#options.current);
    if (this.#wheel?.interval !== interval) {
      this.#wheel = { ticks: new TickWheel(clock, interval * 1000), interval };
    }
    return this.#wheel.ticks;
  }

  #newChat(): Chat {
    const { protocolVersion, clock, date } = this.#options.current;
    return new Chat({
      protocolVersion,
      clock,
      date,
      options: this.#options,
      log: this.#log.write,
      counters: this.#counters,
      rejections: this.#rejections,
      events: this.events,
      moderation: this.#moderation,
    });
  }

  /** While memory is tight, closes slow readers, those for which most is held first. */
  #watchMemory(): void {
    this.#memoryCheck ??= this.clock.setTimeout(() => {
      this.#memoryCheck = undefined;
      const slow = [...this.#connections].filter((connection) => connection.readsTooSlowly);
      slow.sort((a, b) => b.heldBytes - a.heldBytes);
      for (const connection of slow) if (this.#memory.isTight) connection.closeSlowReader();
      if (this.#memory.isTight) this.#watchMemory();
    }, MEMORY_CHECK_MS);
  }

  #lookAfter(): void {
    for (const connection of this.#connections) connection.checkIdle();
    this.#chat.forgetOld();
    this.#penalties.forgetOld();
    this.#log.flush();
  }

  async #allClosed(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.closed));
  }
}

function shutDownError(): ServerError {
  return new ServerError('SERVER_CLOSED', 'The server is closed. Start another one.');
}
