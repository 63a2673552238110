import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A TCP relay that keeps what the client sends, for looking at what is on the wire below TLS.
 */
export class TcpTap implements AsyncDisposable {
  /** Everything that clients have sent through it, in order. */
  readonly sent: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const target = connect(targetPort, '127.0.0.1');
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          client.destroy();
          target.destroy();
          this.#sockets.delete(socket);
        });
      }
      client.on('data', (bytes: Buffer) => this.sent.push(bytes));
      client.pipe(target).pipe(client);
    });
  }

  static async start(targetPort: number): Promise<TcpTap> {
    const tap = new TcpTap(targetPort);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
