import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Channel, FRAGMENT_BYTES, Session, SocketTransport } from '@quietroom/protocol';
import type { Target } from './target.js';

/** A client that does as little as one can: all that it costs is the other side's. */
export class Client {
  readonly socket: TLSSocket;
  readonly tcp: Socket;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<unknown>;
  readonly #channel: Channel;
  #onText: (text: string) => void;
  #onFile: (packet: Buffer) => void = () => {};

  private constructor(socket: TLSSocket, tcp: Socket, { certPem }: Target, onText: (text: string) => void) {
    this.socket = socket;
    this.tcp = tcp;
    this.#onText = onText;
    const pinnedKey = new X509Certificate(certPem).publicKey;
    const session = new Session({ role: 'client', pinnedKey });
    this.#channel = new Channel(session, new SocketTransport(socket, FRAGMENT_BYTES.uniform));
    this.closed = new Promise((resolve) => {
      this.#channel.start({
        event: (event) => {
          if (event.type === 'text') this.#onText(event.text);
          if (event.type === 'file') this.#onFile(event.bytes);
        },
        closed: resolve,
      });
    });
  }

  /** Resolves when the server has welcomed it; `localAddress`: where it seems to come from. */
  static async login(target: Target, name: string, localAddress = '127.0.0.1'): Promise<Client> {
    const { socket, tcp } = await connectTls(target, localAddress);
    return new Promise((resolve, reject) => {
      const client = new Client(socket, tcp, target, (text) => {
        if (text.startsWith('Enter your username')) client.send(name);
        if (!text.startsWith('Welcome')) return;
        client.#onText = () => {};
        resolve(client);
      });
      void client.closed.then(() => reject(new Error(`${name} was closed before it was welcomed.`)));
    });
  }

  onText(callback: (text: string) => void): void {
    this.#onText = callback;
  }

  onFile(callback: (packet: Buffer) => void): void {
    this.#onFile = callback;
  }

  /** `taken` is called when TLS has taken it. */
  sendFile(packet: Uint8Array, taken: () => void): void {
    this.#channel.sendFile(packet, taken);
  }

  send(text: string): void {
    this.#channel.sendText(text);
  }

  async quit(): Promise<void> {
    this.send('/quit');
    await this.closed;
  }
}

export async function connectTls(
  { host, port }: Target,
  localAddress = '127.0.0.1',
): Promise<{ socket: TLSSocket; tcp: Socket }> {
  const tcp = connectTcp({ host, port, localAddress, noDelay: true });
  const socket = connect({ socket: tcp, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return { socket, tcp };
}
