import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** A TCP port behind which there is no QuietRoom server. */
export class Silent implements AsyncDisposable {
  connections = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(greeting?: string): Promise<Silent> {
    const server = createServer((socket) => {
      silent.connections++;
      socket.on('error', () => {}).resume();
      if (greeting !== undefined) socket.end(greeting);
    });
    const silent = new Silent(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return silent;
  }

  get port(): string {
    return `${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A port on which nothing listens. */
export async function freePort(): Promise<string> {
  await using silent = await Silent.listen();
  return silent.port;
}
