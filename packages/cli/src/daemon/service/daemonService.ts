import { randomBytes } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { ConnectorError, type FileProgress, type Receipt } from 'quietroom-connector';
import { METHOD_PREFIX, RPC_ERRORS, RpcError, type RpcId, type RpcRequest } from '../../rpc/jsonRpc.js';
import type { RpcConnection } from '../../rpc/rpcConnection.js';
import { version } from '../../version.js';
import type { EventOf, EventType, NewEvent } from '../protocol/events.js';
import { DAEMON_LIMITS, DAEMON_PROTOCOL } from '../protocol/limits.js';
import { METHODS, type MethodName, type ParamsOf, type ResultOf } from '../protocol/methods.js';
import { causeOf, emitConnectorEvents, type DaemonConnector } from './connectorEvents.js';
import { EventLog, type EventLogLimits } from './eventLog.js';
import { FileOffers } from './fileOffers.js';
import { RoomHolds } from './roomHolds.js';
import { eventLine, Subscription } from './subscription.js';

export interface DaemonServiceOptions {
  readonly connector: DaemonConnector;
  readonly host: string;
  readonly port: number;
  /** The absolute path of the pinned certificate. */
  readonly cert: string;
  /** Clients must know it; undefined where only this user can connect. */
  readonly token: string | undefined;
  /** Default: DAEMON_LIMITS. */
  readonly limits?: EventLogLimits & { readonly maxQueuedBytes: number };
  /** Called when a client asks the daemon to end. */
  readonly stop: () => void;
}

interface DaemonClient {
  readonly number: number;
  readonly connection: RpcConnection;
  isTrusted: boolean;
  subscription: Subscription | undefined;
  /** A subscription whose request is not answered yet. */
  nextSubscription: Subscription | undefined;
}

/** A request and its client. */
interface Call {
  readonly id: RpcId;
  readonly client: DaemonClient;
  readonly signal: AbortSignal;
}

type Handlers = {
  readonly [M in MethodName]: (params: ParamsOf<M>, call: Call) => ResultOf<M> | Promise<ResultOf<M>>;
};

/** Methods that do not need the server. */
const IMMEDIATE: ReadonlySet<MethodName> = new Set([
  'hello',
  'subscribe',
  'unsubscribe',
  'history',
  'cancel',
  'stop',
]);

/** Shares one connector among the clients of the daemon. */
export class DaemonService {
  readonly #options: DaemonServiceOptions;
  readonly #connector: DaemonConnector;
  readonly #run = randomBytes(8).toString('hex');
  readonly #startedAt = new Date();
  readonly #clients = new Map<RpcConnection, DaemonClient>();
  readonly #limits: NonNullable<DaemonServiceOptions['limits']>;
  readonly #log: EventLog;
  readonly #rooms = new RoomHolds();
  readonly #offers: FileOffers;
  readonly #handlers: Handlers;
  #cause: EventOf<'state'>['cause'] = null;
  #lastClient = 0;
  readonly #beginning: Promise<void>;
  #begin: () => void = () => {};
  #hasBegun = false;

  constructor(options: DaemonServiceOptions) {
    this.#options = options;
    this.#connector = options.connector;
    this.#limits = options.limits ?? DAEMON_LIMITS;
    this.#log = new EventLog(this.#limits);
    this.#offers = new FileOffers((event) => this.#emit(event));
    this.#handlers = this.#makeHandlers();
    this.#beginning = new Promise((resolve) => (this.#begin = resolve));
    emitConnectorEvents(this.#connector, (event) => this.#emit(event));
    this.#connector.onFileOffer((offer) => this.#offers.offered(offer, this.#hasFileHandler));
  }

  /** Call it when the connector is connected: requests to the server wait until then. */
  begin(): void {
    this.#hasBegun = true;
    this.#begin();
  }

  /** Joins a room to stay in; rejects like the connector. */
  async join(room: string, password?: string): Promise<{ readonly created: boolean }> {
    return this.#join({ room, password }, 0, undefined);
  }

  /** Answers a request. */
  readonly handle = (
    { id, method, params }: RpcRequest,
    connection: RpcConnection,
    signal: AbortSignal,
  ): object | Promise<object> => {
    const client = this.#clientOf(connection);
    const name = method.startsWith(METHOD_PREFIX) ? method.slice(METHOD_PREFIX.length) : '';
    if (!isMethod(name))
      throw new RpcError(RPC_ERRORS.method, `There is no method ${JSON.stringify(method)}.`);
    const parsed = METHODS[name].params.safeParse(params);
    if (!parsed.success) throw new RpcError(RPC_ERRORS.params, paramsProblem(parsed.error.issues));
    if (!client.isTrusted && name !== 'hello') {
      throw new RpcError(RPC_ERRORS.refused, 'Call hello with the token first.', { code: 'TOKEN_WRONG' });
    }
    return this.#call(name, parsed.data, { id, client, signal });
  };

  async #call(name: MethodName, params: unknown, call: Call): Promise<object> {
    if (!this.#hasBegun && !IMMEDIATE.has(name)) await this.#beginning;
    try {
      // Checked by the schema of the same method.
      const run = this.#handlers[name] as (params: unknown, call: Call) => object | Promise<object>;
      return { v: 1, ...(await run(params, call)) };
    } catch (error) {
      throw asRpcError(error, call.signal);
    }
  }

  #makeHandlers(): Handlers {
    const connector = this.#connector;
    return {
      hello: ({ token }, { client }) => this.#hello(token, client),
      subscribe: (params, { client }) => this.#subscribe(params, client),
      unsubscribe: (_, { client }) => {
        client.subscription = undefined;
        client.nextSubscription = undefined;
        client.connection.isKept = false;
        return {};
      },
      history: ({ since, run, limit = DAEMON_LIMITS.maxHistory }) => ({
        run: this.#run,
        ...this.#log.since(this.#sinceOf(since, run), limit),
      }),
      send: (params, call) => this.#send(params, call),
      join: async (params, { client, signal }) => {
        const { created } = await this.#join(params, client.number, signal);
        return { room: params.room, created };
      },
      leave: async ({ room }, { signal }) => {
        await this.#leave(room, signal);
        return { room };
      },
      users: async (_, { signal }) => ({ users: [...(await connector.listUsers({ signal }))] }),
      rooms: async (_, { signal }) => ({
        rooms: (await connector.listRooms({ signal })).map(({ name, users, isProtected }) => ({
          name,
          users,
          protected: isProtected,
        })),
      }),
      members: async ({ room }, { signal }) => ({
        members: [...(await connector.listMembers(room, { signal }))],
      }),
      rtt: async (_, { signal }) => ({ seconds: await connector.rtt({ signal }) }),
      sendFile: async ({ to, path, name }, call) => {
        assertAbsolute('path', path);
        const { recipient: _, ...file } = await connector.sendFile(to, path, {
          signal: call.signal,
          onProgress: this.#progressOf(call),
          ...(name === undefined ? {} : { name }),
        });
        return file;
      },
      acceptFile: async ({ offer, folder, name, maxBytes }, call) => {
        assertAbsolute('folder', folder);
        const options = { folder, name, maxBytes, signal: call.signal, onProgress: this.#progressOf(call) };
        const file = await this.#offers.accept(offer, options);
        const { bytes, sha256, seconds } = file;
        return { name: file.name, path: file.path ?? folder, bytes, sha256, seconds };
      },
      declineFile: async ({ offer }) => {
        await this.#offers.decline(offer);
        return {};
      },
      cancel: ({ request }, { client }) => ({ cancelled: client.connection.cancel(request) }),
      stop: () => {
        // The answer goes first.
        setImmediate(this.#options.stop);
        return {};
      },
    };
  }

  #clientOf(connection: RpcConnection): DaemonClient {
    const known = this.#clients.get(connection);
    if (known) return known;
    const client: DaemonClient = {
      number: ++this.#lastClient,
      connection,
      isTrusted: this.#options.token === undefined,
      subscription: undefined,
      nextSubscription: undefined,
    };
    this.#clients.set(connection, client);
    connection.onDrain = () => client.subscription?.drained();
    connection.closed.addEventListener('abort', () => this.#ended(client), { once: true });
    return client;
  }

  #ended({ connection, number }: DaemonClient): void {
    this.#clients.delete(connection);
    for (const room of this.#rooms.ended(number)) {
      this.#leave(room).catch((error: unknown) => {
        // Its join was not sent, or was refused.
        if (causeOf(error).code === 'NOT_IN_ROOM') return;
        this.#emit({ type: 'error', receivedAt: new Date().toISOString(), cause: causeOf(error) });
      });
    }
  }

  #hello(token: string | undefined, client: DaemonClient): ResultOf<'hello'> {
    if (this.#options.token !== undefined && token !== this.#options.token) {
      throw new RpcError(RPC_ERRORS.refused, 'The token is wrong.', { code: 'TOKEN_WRONG' });
    }
    client.isTrusted = true;
    const { host, port, cert } = this.#options;
    return {
      protocol: DAEMON_PROTOCOL,
      version: version(),
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      client: client.number,
      clients: this.#clients.size,
      host,
      port,
      cert,
      cause: this.#cause,
      serverVersion: this.#connector.serverVersion ?? null,
      ...this.#place,
      seq: this.#log.seq,
    };
  }

  /** The common part of the results of `hello` and `subscribe`. */
  get #place(): Pick<ResultOf<'subscribe'>, 'run' | 'state' | 'username' | 'rooms'> {
    const { state, username, joinedRooms } = this.#connector;
    return { run: this.#run, state, username, rooms: [...joinedRooms] };
  }

  #subscribe(
    { since, run, types, own = false, files = false }: ParamsOf<'subscribe'>,
    client: DaemonClient,
  ): ResultOf<'subscribe'> {
    const { connection } = client;
    const subscription = new Subscription(connection, {
      client: client.number,
      types: types && new Set<EventType>(types),
      hasOwn: own,
      hasFiles: files,
      maxQueuedBytes: this.#limits.maxQueuedBytes,
    });
    connection.isKept = true;
    client.nextSubscription = subscription;
    const from = since === undefined ? this.#log.seq : this.#sinceOf(since, run);
    const { missed } = this.#log.since(from, 0);
    // Events follow the answer.
    setImmediate(() => {
      if (client.nextSubscription !== subscription) return;
      client.subscription = subscription;
      for (const event of this.#log.since(from).events) subscription.send(event, eventLine(event));
    });
    return { ...this.#place, seq: Math.min(from + missed, this.#log.seq), missed };
  }

  /** A number of another run says nothing about this one. */
  #sinceOf(since: number, run: string | undefined): number {
    return run === undefined || run === this.#run ? Math.min(since, this.#log.seq) : 0;
  }

  async #send(params: ParamsOf<'send'>, { client, signal }: Call): Promise<ResultOf<'send'>> {
    const receipt = receiptJson(await this.#sendText(params, signal));
    const to = params.type === 'lobby' ? 'lobby' : params.to;
    const { type: kind, text } = params;
    const receivedAt = new Date().toISOString();
    this.#emit({ type: 'sent', receivedAt, kind, to, text, client: client.number, ...receipt });
    return receipt;
  }

  #sendText(params: ParamsOf<'send'>, signal: AbortSignal): Promise<Receipt> {
    const { text, maxParts } = params;
    const options = { signal, ...(maxParts === undefined ? {} : { maxParts }) };
    switch (params.type) {
      case 'dm': {
        const { to, newlines = 'collapse' } = params;
        return this.#connector.sendDm(to, text, { ...options, newlines });
      }
      case 'room':
        return this.#connector.sendRoomMessage(params.to, text, options);
      case 'lobby':
        return this.#connector.sendLobbyMessage(text, options);
    }
  }

  async #join(
    { room, password, temporary = false }: ParamsOf<'join'>,
    client: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly created: boolean }> {
    const wasIn = this.#connector.joinedRooms.includes(room);
    // From now on, the end of another client does not leave the room.
    const release = this.#rooms.hold(room, client, temporary);
    const result = await this.#connector
      .joinRoom(room, password, signal ? { signal } : {})
      .catch((error: unknown) => {
        const isIn = this.#connector.joinedRooms.includes(room);
        // Servers ask members for the password, too.
        if (causeOf(error).code === 'PASSWORD_REQUIRED' && isIn) return { created: false };
        // When the client has ended, the room is left: the request may have been sent.
        if (signal?.aborted !== true) release();
        throw error;
      });
    if (!wasIn) this.#emitMembership(room, 'joined');
    return result;
  }

  async #leave(room: string, signal?: AbortSignal): Promise<void> {
    // First: a join that begins meanwhile counts.
    this.#rooms.left(room);
    await this.#connector.leaveRoom(room, signal ? { signal } : {});
    this.#emitMembership(room, 'left');
  }

  #progressOf({ id, client: { connection } }: Call): (progress: FileProgress) => void {
    return ({ stage, bytes, totalBytes = null }) => {
      // A slow client gets later ones.
      if (connection.queuedBytes > this.#limits.maxQueuedBytes) return;
      connection.notify(`${METHOD_PREFIX}progress`, { request: id, stage, bytes, totalBytes });
    };
  }

  #emitMembership(room: string, change: 'joined' | 'left'): void {
    this.#emit({ type: 'membership', receivedAt: new Date().toISOString(), room, change });
  }

  get #hasFileHandler(): boolean {
    return [...this.#clients.values()].some(({ subscription }) => subscription?.hasFiles === true);
  }

  #emit(given: NewEvent): void {
    if (given.type === 'state') this.#cause = given.cause;
    const event = this.#log.add(given);
    const line = eventLine(event);
    for (const { subscription } of this.#clients.values()) subscription?.send(event, line);
  }
}

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

function paramsProblem(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const [issue] = issues;
  const name = issue?.path.map(String).join('.') ?? '';
  return `${name === '' ? 'The parameters' : `The parameter ${name}`}: ${issue?.message ?? 'invalid'}.`;
}

function assertAbsolute(name: string, path: string): void {
  if (!isAbsolute(path))
    throw new RpcError(RPC_ERRORS.params, `The parameter ${name} must be an absolute path.`);
}

function receiptJson(receipt: Receipt): ResultOf<'send'> {
  const { status, parts, acceptedParts } = receipt;
  return { status, reason: receipt.status === 'accepted' ? null : receipt.reason, parts, acceptedParts };
}

/** The details of connector errors, which clients make their messages from. */
const DETAILS = ['option', 'limit', 'seconds', 'room', 'username', 'stage'] as const;

function asRpcError(error: unknown, signal: AbortSignal): RpcError {
  if (error instanceof RpcError) return error;
  if (signal.aborted)
    return new RpcError(RPC_ERRORS.cancelled, 'The request was cancelled.', { code: 'CANCELLED' });
  const { code, message } = causeOf(error);
  if (code === null) return new RpcError(RPC_ERRORS.internal, 'The request failed.');
  const details =
    error instanceof ConnectorError
      ? DETAILS.flatMap((key) => (error[key] === undefined ? [] : [[key, error[key]]]))
      : [];
  return new RpcError(RPC_ERRORS.refused, message, { code, ...Object.fromEntries(details) });
}
