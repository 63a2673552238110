import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLS_APPLICATION_DATA, TlsRecordReader } from '@quietroom/protocol/internals';

/** One record as an observer of the network sees it. */
export interface SeenRecord {
  /** Milliseconds since the tap was started. */
  readonly at: number;
  readonly direction: 'up' | 'down';
  /** Of the encrypted record, without its header. */
  readonly bytes: number;
}

/** A relay on the loopback interface that notes the records which pass through it. It cannot read them. */
export class RecordTap implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #now: () => number;
  readonly #startedAt: number;
  #records: SeenRecord[] = [];

  private constructor(target: { readonly host: string; readonly port: number }, now: () => number) {
    this.#now = now;
    this.#startedAt = now();
    this.#server = createServer({ noDelay: true }, (client) => {
      const server = connect({ ...target, noDelay: true });
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      this.#watch(client, 'up');
      this.#watch(server, 'down');
      client.pipe(server).pipe(client);
    });
  }

  /** Listens on a free port, or on this one. Rejects with Node's own error, such as `EADDRINUSE`. */
  static async start(
    target: { readonly host: string; readonly port: number },
    port = 0,
    now: () => number = () => performance.now(),
  ): Promise<RecordTap> {
    const tap = new RecordTap(target, now);
    tap.#server.listen(port, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    // A TCP server that listens has an address and a port.
    return (this.#server.address() as AddressInfo).port;
  }

  /** The records so far, in order. */
  get records(): readonly SeenRecord[] {
    return this.#records;
  }

  /** Milliseconds since it was started. */
  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  /** Forgets the records so far. */
  forget(): void {
    this.#records = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #watch(socket: Socket, direction: SeenRecord['direction']): void {
    const reader = new TlsRecordReader();
    socket.on('data', (bytes: Buffer) => {
      for (const record of reader.read(bytes)) {
        if (record.type !== TLS_APPLICATION_DATA) continue;
        this.#records.push({ at: this.elapsedMs, direction, bytes: record.bytes });
      }
    });
  }
}
