import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket, type ConnectionOptions } from 'node:tls';

/** Something that was waited for did not come. */
export class NothingCame extends Error {
  readonly why: 'closed' | 'timeout';

  constructor(why: 'closed' | 'timeout') {
    super(why === 'closed' ? 'the connection was closed' : 'nothing more came in time');
    this.why = why;
  }
}

export interface WireTarget {
  readonly host: string;
  readonly port: number;
  /** For each wait. */
  readonly timeoutMs: number;
}

/** A TCP connection without TLS. */
export async function openTcp({ host, port, timeoutMs }: WireTarget): Promise<Socket> {
  const socket = connectTcp({ host, port });
  socket.on('error', () => {});
  await settled(socket, 'connect', timeoutMs);
  return socket;
}

/** Rejects with the error of the socket, or when it takes too long. */
async function settled(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new NothingCame('timeout')), timeoutMs);
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new NothingCame('closed')));
    socket.once('close', () => clearTimeout(timer));
    socket.once(event, () => clearTimeout(timer));
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** One TLS connection, record by record, of either role. Writes never fail: a closed connection shows in the reads. */
export class Wire {
  readonly socket: TLSSocket;
  readonly #tcp: Socket;
  readonly timeoutMs: number;
  /** Takes each record. Until it is set, records wait. */
  #onRecord: ((record: Buffer) => void) | undefined;
  #waiting: Buffer[] = [];
  /** The sizes of all records that came. */
  readonly recordSizes: number[] = [];
  #isOver = false;
  #lastWrite: Promise<void> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  constructor(tcp: Socket, socket: TLSSocket, timeoutMs: number) {
    this.#tcp = tcp;
    this.socket = socket;
    this.timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (record: Buffer) => {
      this.recordSizes.push(record.length);
      if (this.#onRecord) this.#onRecord(record);
      else this.#waiting.push(record);
      this.#changed();
    });
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        this.#isOver = true;
        this.#changed();
      });
    }
  }

  /** Connects without checking the certificate, which is for the cases to do. */
  static async connect(target: WireTarget, options: ConnectionOptions = {}): Promise<Wire> {
    const tcp = await openTcp(target);
    const socket = connectTls({ socket: tcp, rejectUnauthorized: false, minVersion: 'TLSv1.3', ...options });
    const wire = new Wire(tcp, socket, target.timeoutMs);
    await settled(socket, 'secureConnect', target.timeoutMs);
    return wire;
  }

  /** The server's side of a connection; the handshake has not begun. */
  static async accept(
    socket: Socket,
    identity: { certPem: string; keyPem: string },
    timeoutMs: number,
  ): Promise<Wire> {
    const tls = new TLSSocket(socket, {
      isServer: true,
      cert: identity.certPem,
      key: identity.keyPem,
      minVersion: 'TLSv1.3',
    });
    const wire = new Wire(socket, tls, timeoutMs);
    await settled(tls, 'secure', timeoutMs);
    return wire;
  }

  /** Whether the other side has closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Hands over what waits and all that comes. */
  onRecord(take: (record: Buffer) => void): void {
    this.#onRecord = take;
    for (const record of this.#waiting.splice(0)) take(record);
  }

  /** The next bytes of the stream; what is left of their last record waits. */
  async take(size: number): Promise<Buffer> {
    return this.until(() => {
      const bytes = Buffer.concat(this.#waiting);
      if (bytes.length < size) return undefined;
      this.#waiting = bytes.length === size ? [] : [bytes.subarray(size)];
      return bytes.subarray(0, size);
    });
  }

  /** Puts the bytes into a record of their own, or several when there are more than 16,384. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#lastWrite = this.#lastWrite.then(
      () => new Promise<void>((resolve) => void this.socket.write(bytes, () => resolve())),
    );
    await this.#lastWrite;
  }

  /**
   * Resolves with what `find` returns as soon as that is not undefined; it is asked again at each record.
   *
   * @throws NothingCame
   */
  async until<T>(find: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && !this.#isOver) return;
        done();
        if (found === undefined) reject(new NothingCame('closed'));
        else resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        reject(new NothingCame('timeout'));
      }, this.timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ends TLS in good order, and takes no more. */
  end(): void {
    this.socket.end();
    this.socket.destroySoon();
  }

  /** Ends both layers at once. */
  destroy(): void {
    this.socket.destroy();
    this.#tcp.destroy();
  }

  /** Ends the TCP connection with a reset. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}
