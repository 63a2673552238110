import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Channel, FRAGMENT_BYTES, generateDhKeyPair, Session, SocketTransport } from '@quietroom/protocol';

/** What a test client needs to know of a server. */
export interface Target {
  readonly port: number;
  readonly certPem: string;
}

/** A client that does no more than the wire asks for: it sends texts and keeps the texts that come. */
export class WireClient {
  /** Every text so far, without the answers to `settle`. */
  readonly received: string[] = [];
  /** Every packet so far, of whatever type: all that is in `received` and in `files`, and the answers to `settle`. */
  readonly packets: { readonly type: 'text' | 'file'; readonly bytes: Buffer }[] = [];
  /** The plaintext of every file packet so far. */
  readonly files: Buffer[] = [];
  /** Resolves when the connection is closed; never rejects. */
  readonly closed: Promise<void>;
  readonly socket: TLSSocket;
  readonly tcp: Socket;
  readonly channel: Channel;
  /** For packets that no session would make. */
  readonly sessionKey: () => Buffer;
  #waiting: (() => void)[] = [];
  #isClosed = false;
  #taken = 0;
  #markers = 0;

  private constructor({ socket, tcp }: { socket: TLSSocket; tcp: Socket }, certPem: string) {
    this.socket = socket;
    this.tcp = tcp;
    const dh = generateDhKeyPair();
    let sessionKey = Buffer.alloc(0);
    this.sessionKey = () => sessionKey;
    const session = new Session({
      role: 'client',
      pinnedKey: new X509Certificate(certPem).publicKey,
      dh: {
        publicKey: dh.publicKey,
        computeSecret(peer) {
          const secret = dh.computeSecret(peer);
          const start = secret.findIndex((byte) => byte !== 0);
          sessionKey = createHash('sha256').update(secret.subarray(start)).digest();
          return secret;
        },
      },
    });
    this.channel = new Channel(session, new SocketTransport(socket, FRAGMENT_BYTES.uniform));
    this.closed = new Promise((resolve) => {
      this.channel.start({
        event: (event) => {
          if (event.type === 'text' || event.type === 'file') this.packets.push(event);
          if (event.type === 'text') this.received.push(event.text);
          if (event.type === 'file') this.files.push(event.bytes);
          this.#wake();
        },
        closed: () => {
          this.#isClosed = true;
          this.#wake();
          resolve();
        },
      });
    });
  }

  /** On a TLS connection on which nothing has been read or sent yet. */
  static over(connection: { socket: TLSSocket; tcp: Socket }, { certPem }: Target): WireClient {
    return new WireClient(connection, certPem);
  }

  /** Resolves when the server has asked for the name. */
  static async open(target: Target): Promise<WireClient> {
    const client = new WireClient(await connectTls(target.port), target.certPem);
    const prompt = await client.next();
    if (prompt !== 'Enter your username: ') throw new Error(`Unexpected prompt: ${prompt}`);
    return client;
  }

  /** Logs in; what came up to and with the notice of it is in `received` and counts as taken. */
  static async login(target: Target, name: string): Promise<WireClient> {
    const client = await WireClient.open(target);
    client.send(name);
    await client.until(`*** ${name} joined the chat ***`);
    return client;
  }

  send(text: string): void {
    this.channel.sendText(text);
  }

  /** File packets, in this order. */
  sendFile(...packets: (string | Uint8Array)[]): void {
    for (const packet of packets) {
      this.channel.sendFile(typeof packet === 'string' ? Buffer.from(packet) : packet);
    }
  }

  /** Resolves when TLS has taken this text and all before it. */
  async sendOut(text: string): Promise<void> {
    await new Promise((resolve) => this.channel.sendText(text, resolve));
  }

  /** Sends and gives what came until the server had handled it. */
  async ask(text: string): Promise<string[]> {
    const before = this.received.length;
    this.send(text);
    await this.settle();
    return this.received.slice(before);
  }

  /** Resolves when the server has handled all that was sent, and its answers are here. */
  async settle(): Promise<void> {
    const command = `/settle-${++this.#markers}`;
    const answer = `Unknown command: ${command}. Type /help for available commands.`;
    this.send(command);
    await this.#when(() => this.received.includes(answer));
    this.received.splice(this.received.indexOf(answer), 1);
  }

  /** Empties `received` and `files`. */
  forget(): void {
    this.received.length = 0;
    this.files.length = 0;
    this.#taken = 0;
  }

  /** The next text that was not taken yet. */
  async next(): Promise<string> {
    await this.#when(() => this.received.length > this.#taken);
    return this.received[this.#taken++] ?? '';
  }

  /** Takes texts up to and with this one. */
  async until(text: string | RegExp): Promise<void> {
    const isIt = (heard: string): boolean => (typeof text === 'string' ? heard === text : text.test(heard));
    while (!isIt(await this.next()));
  }

  /** Resolves when so many texts have come. */
  async count(texts: number): Promise<void> {
    await this.#when(() => this.received.length >= texts);
  }

  /** Resolves when so many file packets have come. */
  async countFiles(packets: number): Promise<void> {
    await this.#when(() => this.files.length >= packets);
  }

  async #when(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#isClosed) throw new Error(`Closed after: ${JSON.stringify(this.received.slice(-5))}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A TLS connection on which nothing has been read or sent yet, and the TCP connection below it. */
export async function connectTls(port: number): Promise<{ socket: TLSSocket; tcp: Socket }> {
  const tcp = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  // The certificate is the server's own; the session proves that it is the pinned one.
  const socket = connect({ socket: tcp, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  await once(socket, 'secureConnect');
  // Whoever resets its connection hears of it.
  socket.on('error', () => {});
  return { socket, tcp };
}
