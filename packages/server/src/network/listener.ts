import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { addressGroup, plainAddress } from '../limits/clientSubnet.js';
import type { ConnectionLimiter } from '../limits/connectionLimiter.js';
import { HandshakeQueue } from './handshakeQueue.js';
import type { Identity } from '../identity/identity.js';
import { codeOf } from '../observe/log.js';
import { ClientSocket, type ClientSocketContext } from './clientSocket.js';
import type { Rejections } from '../observe/rejections.js';

/** How long a connection is silent before the system asks whether its other end is still there. */
const KEEP_ALIVE_MS = 60_000;

/** Above any time limit of ours, which counts. */
const NODE_HANDSHAKE_MS = 2 ** 31 - 1;

/** The most connections that the system may hold for us, so that a burst of them is not turned away. */
const BACKLOG = 4096;

export interface ListenerContext extends ClientSocketContext {
  readonly connectionLimiter: ConnectionLimiter;
  readonly rejections: Rejections;
}

/** Takes over a connection whose TLS handshake is done; `peer.closed()` becomes its duty. */
export type Accept = (socket: TLSSocket, peer: ClientSocket) => void;

/**
 * The port that clients connect to, and all connections to it, from TCP on. TLS 1.3 only.
 *
 * A connection gets no TLS before it has said something, and then in its turn: whoever connects and is silent
 * costs next to nothing.
 */
export class Listener {
  readonly #tcp: Server;
  readonly #tls: TlsServer;
  readonly #context: ListenerContext;
  readonly #accept: Accept;
  readonly #handshakes = new HandshakeQueue();
  /** By the client's address and port: how Node's two sockets of one connection find to each other. */
  readonly #peers = new Map<string, ClientSocket>();
  /** Whose TLS handshake is done. */
  readonly #secured = new WeakSet<ClientSocket>();

  private constructor(identity: Identity, context: ListenerContext, accept: Accept) {
    this.#context = context;
    this.#accept = accept;
    this.#tcp = createTcpServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    this.#tcp.on('connection', (socket: Socket) => this.#connected(socket));
    this.#tls = createTlsServer({
      cert: identity.certPem,
      key: identity.keyPem,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      handshakeTimeout: NODE_HANDSHAKE_MS,
    });
    this.#tls.on('secureConnection', (socket) => this.#handshakeDone(socket));
    this.#tls.on('tlsClientError', (error, socket) => {
      this.#peers.get(keyOf(socket))?.ending('tlsFailed', { code: codeOf(error) });
      socket.destroy();
    });
  }

  /** Resolves when connections are accepted; rejects with Node's own error, such as `EADDRINUSE`. */
  static async listen(
    identity: Identity,
    place: { readonly host: string; readonly port: number },
    context: ListenerContext,
    accept: Accept,
  ): Promise<Listener> {
    const listener = new Listener(identity, context, accept);
    listener.#tcp.listen({ port: place.port, host: place.host, backlog: BACKLOG });
    await once(listener.#tcp, 'listening');
    listener.#tcp.on('error', (error) => context.log({ event: 'acceptFailed', code: codeOf(error) }));
    return listener;
  }

  get port(): number {
    // A server that listens on TCP has no other kind of address.
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** The open connections, also those that are still in their TLS handshake. */
  get peers(): Iterable<ClientSocket> {
    return this.#peers.values();
  }

  /** Accepts no more connections; resolves when the last one is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#tcp.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    const { remoteAddress, remotePort: port } = socket;
    // An error that nobody listens for would end the process.
    socket.on('error', () => {});
    if (remoteAddress === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    const address = plainAddress(remoteAddress);
    const { connectionLimiter, rejections, counters, log } = this.#context;
    const group = addressGroup(address);
    const lease = connectionLimiter.enter(group);
    if (typeof lease === 'string') {
      rejections.add(lease, address);
      socket.destroy();
      return;
    }
    const client = ++counters.accepted;
    log({ event: 'connected', client, address, port });
    const peer = new ClientSocket(client, address, socket, lease, this.#context);
    const key = keyOf(socket);
    this.#peers.set(key, peer);
    socket.on('close', () => {
      if (this.#peers.get(key) === peer) this.#peers.delete(key);
      if (!this.#secured.has(peer)) peer.closed();
    });
    this.#whenItSpeaks(socket, () => this.#handshakes.add(group, () => this.#beginHandshake(socket, peer)));
  }

  #beginHandshake(socket: Socket, peer: ClientSocket): void {
    if (socket.destroyed) return;
    try {
      this.#tls.emit('connection', socket);
    } catch (error) {
      peer.destroy('internalError', { error });
    }
  }

  #whenItSpeaks(socket: Socket, callback: () => void): void {
    const readable = (): void => {
      if (socket.readableLength === 0) {
        // The end: it comes out when it is read.
        socket.read();
        return;
      }
      socket.off('readable', readable);
      callback();
    };
    socket.on('readable', readable);
  }

  #handshakeDone(socket: TLSSocket): void {
    const peer = this.#peers.get(keyOf(socket));
    if (peer === undefined) {
      // It went away at this very moment.
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#secured.add(peer);
    this.#accept(socket, peer);
  }
}

function keyOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
