import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';
import { addressGroup, plainAddress } from '../addresses/addressGroup.js';
import type { ConnectionLimiter } from '../limits/connectionLimiter.js';
import type { SourcePenalties } from '../limits/sourcePenalties.js';
import type { Moderation } from '../admin/moderation.js';
import { HandshakeQueue } from './handshakeQueue.js';
import type { Identity } from '../identity/identity.js';
import { codeOf } from '../observe/log.js';
import type { Descriptors } from './descriptors.js';
import { ClientSocket, type ClientSocketContext } from './clientSocket.js';
import type { Rejections } from '../observe/rejections.js';
import { COST } from '../turns/costs.js';
import type { TurnScheduler } from '../turns/turnScheduler.js';

/** How long a connection is idle before the system probes it. */
const KEEP_ALIVE_MS = 60_000;

/** The most connections that the system holds for us, so that a burst is not refused. */
const BACKLOG = 4096;

export interface ListenerContext extends ClientSocketContext {
  readonly connectionLimiter: ConnectionLimiter;
  readonly rejections: Rejections;
  readonly moderation: Moderation;
  readonly penalties: SourcePenalties;
  readonly descriptors: Pick<Descriptors, 'hasRoomFor'>;
  readonly scheduler: Pick<TurnScheduler, 'spend'>;
}

/** Takes over a connection after its TLS handshake. It must call `clientSocket.closed()` when it is closed. */
export type Accept = (socket: TLSSocket, clientSocket: ClientSocket) => void;

/**
 * The port that clients connect to, and all connections to it, from TCP on. TLS 1.3 only.
 *
 * The TLS handshake of a connection begins when its first bytes have arrived, and then in turn: silent
 * connections cost next to nothing.
 */
export class Listener {
  readonly #tcp: Server;
  /** A paused socket with this mark stops reading at once; by default it reads on for 16 or 64 KiB. */
  readonly #tlsOptions: TLSSocketOptions & { readonly highWaterMark: number };
  readonly #context: ListenerContext;
  readonly #accept: Accept;
  readonly #handshakes = new HandshakeQueue();
  readonly #clientSockets = new Set<ClientSocket>();

  private constructor(identity: Identity, context: ListenerContext, accept: Accept) {
    this.#context = context;
    this.#accept = accept;
    const secureContext = createSecureContext({
      cert: identity.certPem,
      key: identity.keyPem,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
    });
    this.#tlsOptions = { isServer: true, secureContext, highWaterMark: 1 };
    this.#tcp = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    this.#tcp.on('connection', (socket: Socket) => {
      try {
        this.#connected(socket);
      } catch (error) {
        // The wall clock of an embedder, for one, may throw.
        socket.destroy();
        context.log({ event: 'acceptFailed', code: codeOf(error) });
      }
    });
  }

  /** Resolves when connections are accepted; rejects with Node's own error, such as `EADDRINUSE`. */
  static async listen(
    identity: Identity,
    address: { readonly host: string; readonly port: number },
    context: ListenerContext,
    accept: Accept,
  ): Promise<Listener> {
    const listener = new Listener(identity, context, accept);
    listener.#tcp.listen({ port: address.port, host: address.host, backlog: BACKLOG });
    await once(listener.#tcp, 'listening');
    listener.#tcp.on('error', (error) => context.log({ event: 'acceptFailed', code: codeOf(error) }));
    return listener;
  }

  get port(): number {
    // A server that listens on TCP has no other kind of address.
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** The open connections, including those whose TLS handshake is not finished. */
  get clientSockets(): Iterable<ClientSocket> {
    return this.#clientSockets;
  }

  /** Accepts no more connections; resolves when the last one is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#tcp.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    const { remoteAddress, remotePort: port } = socket;
    // An error without a listener would end the process.
    socket.on('error', () => {});
    if (remoteAddress === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    const address = plainAddress(remoteAddress);
    const { connectionLimiter, descriptors, penalties, rejections, counters, log } = this.#context;
    if (penalties.refuses(address)) {
      rejections.add('penalty', address);
      socket.destroy();
      return;
    }
    if (!descriptors.hasRoomFor(socket)) {
      rejections.add('descriptors', address);
      log({ event: 'acceptFailed', code: 'EMFILE' });
      socket.destroy();
      return;
    }
    if (this.#context.moderation.bans.hasAddress(address)) {
      rejections.add('banned', address);
      socket.destroy();
      return;
    }
    const group = addressGroup(address);
    const lease = connectionLimiter.enter(group);
    if (typeof lease === 'string') {
      rejections.add(lease, address);
      socket.destroy();
      return;
    }
    const client = ++counters.accepted;
    log({ event: 'connected', client, address, port });
    const clientSocket = new ClientSocket(client, address, socket, lease, this.#context);
    this.#clientSockets.add(clientSocket);
    socket.on('close', () => {
      this.#clientSockets.delete(clientSocket);
      if (!clientSocket.isSecure) clientSocket.closed();
    });
    whenReadable(socket, () => this.#handshakes.add(group, () => this.#beginHandshake(socket, clientSocket)));
  }

  #beginHandshake(socket: Socket, clientSocket: ClientSocket): void {
    if (socket.destroyed) return;
    try {
      this.#context.scheduler.spend(COST.handshake);
      const secure = new TLSSocket(socket, this.#tlsOptions);
      const failed = (error: Error): void => clientSocket.ending('tlsFailed', { code: codeOf(error) });
      secure.on('error', failed);
      secure.once('secure', () => {
        secure.off('error', failed);
        clientSocket.isSecure = true;
        this.#accept(secure, clientSocket);
      });
    } catch (error) {
      clientSocket.destroy('internalError', { error });
    }
  }
}

/** Calls back once, when the first bytes have arrived. */
function whenReadable(socket: Socket, callback: () => void): void {
  const readable = (): void => {
    if (socket.readableLength === 0) {
      // The end of the stream is emitted only after a read.
      socket.read();
      return;
    }
    socket.off('readable', readable);
    callback();
  };
  socket.on('readable', readable);
}
