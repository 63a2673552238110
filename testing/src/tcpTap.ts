import { TcpRelay } from './tcpRelay.js';

/**
 * A TCP relay that keeps what the client sends, for looking at what is on the wire below TLS.
 */
export class TcpTap implements AsyncDisposable {
  /** Everything that clients have sent through it, in order. */
  readonly sent: Buffer[];
  readonly #relay: TcpRelay;

  private constructor(relay: TcpRelay, sent: Buffer[]) {
    this.#relay = relay;
    this.sent = sent;
  }

  static async start(targetPort: number): Promise<TcpTap> {
    const sent: Buffer[] = [];
    const relay = await TcpRelay.start(targetPort, (client) => {
      client.on('data', (bytes: Buffer) => sent.push(bytes));
    });
    return new TcpTap(relay, sent);
  }

  get port(): number {
    return this.#relay.port;
  }

  async close(): Promise<void> {
    await this.#relay.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
