import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { Identity } from './identity.js';
import { codeOf } from './log.js';
import { Peer, type PeerOptions } from './peer.js';

export interface ListenerOptions extends PeerOptions {
  readonly host: string;
  readonly port: number;
}

/** Takes over a connection whose TLS handshake is done; `peer.closed()` becomes its duty. */
export type Accept = (socket: TLSSocket, peer: Peer) => void;

/** The port that clients connect to, and all connections to it, from TCP on. TLS 1.3 only. */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #accept: Accept;
  /** By the client's address and port: how Node's two sockets of one connection find to each other. */
  readonly #peers = new Map<string, Peer>();
  /** Whose TLS handshake is done. */
  readonly #secured = new WeakSet<Peer>();
  #connections = 0;

  private constructor(identity: Identity, options: ListenerOptions, accept: Accept) {
    this.#options = options;
    this.#accept = accept;
    this.#server = createServer({
      cert: identity.certPem,
      key: identity.keyPem,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      // Each peer has a time limit of its own, which covers the login too.
      handshakeTimeout: options.loginTimeout * 1000,
    });
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
    this.#server.on('secureConnection', (socket) => this.#handshakeDone(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      this.#peers.get(keyOf(socket))?.ending('tlsFailed', { code: codeOf(error) });
      socket.destroy();
    });
  }

  /** Resolves when connections are accepted; rejects with Node's own error, such as `EADDRINUSE`. */
  static async listen(identity: Identity, options: ListenerOptions, accept: Accept): Promise<Listener> {
    const listener = new Listener(identity, options, accept);
    listener.#server.listen(options.port, options.host);
    await once(listener.#server, 'listening');
    listener.#server.on('error', (error) => options.log({ event: 'acceptFailed', code: codeOf(error) }));
    return listener;
  }

  get port(): number {
    // A server that listens on TCP has no other kind of address.
    return (this.#server.address() as AddressInfo).port;
  }

  /** The open connections, also those that are still in their TLS handshake. */
  get peers(): Iterable<Peer> {
    return this.#peers.values();
  }

  /** Accepts no more connections; resolves when the last one is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    const { remoteAddress: address, remotePort: port } = socket;
    // An error that nobody listens for would end the process.
    socket.on('error', () => {});
    if (address === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    const client = ++this.#connections;
    this.#options.log({ event: 'connected', client, address, port });
    const peer = new Peer(client, socket, this.#options);
    const key = keyOf(socket);
    this.#peers.set(key, peer);
    socket.on('close', () => {
      if (this.#peers.get(key) === peer) this.#peers.delete(key);
      if (!this.#secured.has(peer)) peer.closed();
    });
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
