import type { Socket } from 'node:net';
import { TLS_APPLICATION_DATA, TlsRecordReader } from '@quietroom/protocol/internals';
import { TcpRelay } from './tcpRelay.js';

/** The encrypted records of one connection as an observer sees them: their sizes and times, in both directions. */
export interface TappedConnection {
  readonly up: number[];
  readonly down: number[];
  /** In milliseconds of `performance.now()`; one for each size. */
  readonly upTimes: number[];
  readonly downTimes: number[];
}

/** A TCP relay that reads the headers of the TLS records that pass. */
export class RecordTap implements AsyncDisposable {
  readonly connections: readonly TappedConnection[];
  readonly #relay: TcpRelay;

  private constructor(relay: TcpRelay, connections: readonly TappedConnection[]) {
    this.#relay = relay;
    this.connections = connections;
  }

  static async start(targetPort: number): Promise<RecordTap> {
    const connections: TappedConnection[] = [];
    const relay = await TcpRelay.start(targetPort, (client, target) => {
      const connection: TappedConnection = { up: [], down: [], upTimes: [], downTimes: [] };
      connections.push(connection);
      keep(client, connection.up, connection.upTimes);
      keep(target, connection.down, connection.downTimes);
    });
    return new RecordTap(relay, connections);
  }

  get port(): number {
    return this.#relay.port;
  }

  /** The newest connection. */
  get last(): TappedConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('Nothing has connected.');
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay.close();
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
