import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLS_APPLICATION_DATA, TlsRecordReader } from '@quietroom/protocol/internals';

/** What an observer sees of one connection: the sizes of its encrypted records, in both directions, and their times. */
export interface TappedConnection {
  readonly up: number[];
  readonly down: number[];
  /** In milliseconds of `performance.now()`; one for each size. */
  readonly upTimes: number[];
  readonly downTimes: number[];
}

/** A TCP relay that reads the headers of the TLS records that pass. */
export class RecordTap implements AsyncDisposable {
  readonly connections: TappedConnection[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
      client.setNoDelay(true);
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          client.destroy();
          target.destroy();
          this.#sockets.delete(socket);
        });
      }
      const connection: TappedConnection = { up: [], down: [], upTimes: [], downTimes: [] };
      this.connections.push(connection);
      keep(client, connection.up, connection.upTimes);
      keep(target, connection.down, connection.downTimes);
      client.pipe(target).pipe(client);
    });
  }

  static async start(targetPort: number): Promise<RecordTap> {
    const tap = new RecordTap(targetPort);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The newest connection. */
  get last(): TappedConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('Nothing has connected.');
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function keep(socket: Socket, sizes: number[], times: number[]): void {
  const reader = new TlsRecordReader();
  socket.on('data', (bytes: Buffer) => {
    for (const record of reader.read(bytes)) {
      if (record.type !== TLS_APPLICATION_DATA) continue;
      sizes.push(record.bytes);
      times.push(performance.now());
    }
  });
}
