import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Relays TCP connections to a port of this machine. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number, connected: (client: Socket, target: Socket) => void) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          client.destroy();
          target.destroy();
          this.#sockets.delete(socket);
        });
      }
      connected(client, target);
      client.pipe(target).pipe(client);
    });
  }

  /** `connected` is called for each connection, before it relays anything. */
  static async start(
    targetPort: number,
    connected: (client: Socket, target: Socket) => void,
  ): Promise<TcpRelay> {
    const relay = new TcpRelay(targetPort, connected);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    // A server that listens on TCP has no other kind of address.
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
