import { once } from 'node:events';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import {
  deriveSessionKey,
  generateDhKeyPair,
  makeSignedOffer,
  PACKET_TYPE,
  PacketDecoder,
  type SignedOffer,
} from '@quietroom/protocol';
import { firstIdentity, type TestIdentity } from './identities.js';
import { buildPacket, openPacket } from './packets.js';

/** What one connection of a scripted peer does, step by step; when it returns, the connection stays open. */
export type Script = (connection: PeerConnection) => Promise<void>;

export interface ScriptedPeerOptions {
  /** Default: `firstIdentity`. */
  readonly identity?: TestIdentity;
  /** Default: any free one. */
  readonly port?: number;
  /** TLS options over those of a QuietRoom server, such as another version. */
  readonly tls?: TLSSocketOptions;
}

/**
 * A server that does exactly what a test tells it to: it speaks, stalls, cuts and garbles at any step of
 * a connection. Only the steps are there; nothing happens that the script does not ask for.
 *
 * @example
 * await using peer = await ScriptedPeer.start(async (connection) => {
 *   await connection.secure();
 *   await connection.exchangeKeys();
 *   await connection.say('Enter your username: ');
 *   await connection.hear();
 *   connection.cut();
 * });
 */
export class ScriptedPeer implements AsyncDisposable {
  /** The connections so far, oldest first. */
  readonly connections: PeerConnection[] = [];
  /** What went wrong in scripts; a test that ends well leaves it empty. */
  readonly failures: unknown[] = [];
  readonly certPem: string;
  readonly #server: Server;
  #port = 0;

  private constructor(script: Script, { identity = firstIdentity, tls = {} }: ScriptedPeerOptions) {
    this.certPem = identity.certPem;
    this.#server = createServer((socket) => {
      const connection = new PeerConnection(socket, identity, tls);
      this.connections.push(connection);
      script(connection).catch((error: unknown) => {
        if (!(error instanceof PeerClosedError)) this.failures.push(error);
      });
    });
  }

  static async start(script: Script, options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(script, options);
    peer.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(peer.#server, 'listening');
    peer.#port = (peer.#server.address() as AddressInfo).port;
    return peer;
  }

  /** Also when it is closed. */
  get port(): number {
    return this.#port;
  }

  /** What a connector needs to reach this peer. */
  get config(): { serverHost: string; serverPort: number; cert: string } {
    return { serverHost: '127.0.0.1', serverPort: this.port, cert: this.certPem };
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.cut();
    this.#server.close();
    await once(this.#server, 'close');
    if (this.failures.length > 0) throw new AggregateError(this.failures, 'A script failed.');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The other side has closed while the script waited for it: the usual end of a script. */
class PeerClosedError extends Error {}

/** One connection, and the steps that a script can take on it. */
export class PeerConnection {
  /** Resolves when the TCP connection is closed, by whichever side. */
  readonly closed: Promise<void>;
  /** What the client has sent inside TLS, record by record. */
  readonly records: Buffer[] = [];
  readonly #socket: Socket;
  readonly #identity: TestIdentity;
  readonly #tlsOptions: TLSSocketOptions;
  #tls: TLSSocket | undefined;
  #offer: SignedOffer | undefined;
  #key: Buffer | undefined;
  #decoder: PacketDecoder | undefined;
  /** Texts of the client that `hear` leaves out. */
  readonly unheard = new Set<string>();
  readonly #texts: string[] = [];
  readonly #files: Buffer[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #isClosed = false;
  /** The client will send no more; the script still hears and answers what it has sent. */
  #hasClientEnded = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, identity: TestIdentity, tlsOptions: TLSSocketOptions) {
    this.#socket = socket;
    this.#identity = identity;
    this.#tlsOptions = tlsOptions;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    // A socket that nobody reads does not notice its end. By now the script has taken its first step.
    setImmediate(() => {
      if (!this.#tls) socket.resume();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** How much the client has sent inside TLS. */
  get plaintextBytes(): number {
    return this.records.reduce((sum, record) => sum + record.length, 0);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Does the TLS handshake: a script's first step, or none of its steps. */
  async secure(): Promise<void> {
    const { certPem: cert, keyPem: key } = this.#identity;
    const tls = new TLSSocket(this.#socket, {
      isServer: true,
      cert,
      key,
      minVersion: 'TLSv1.3',
      ...this.#tlsOptions,
    });
    this.#tls = tls;
    tls.allowHalfOpen = true;
    tls.on('error', () => {});
    tls.on('end', () => {
      this.#hasClientEnded = true;
      this.#wake();
      this.#endWhenHeard();
    });
    tls.on('data', (record: Buffer) => {
      this.records.push(record);
      this.#onData(record);
    });
    // A client that refuses the handshake closes: for the script there is no difference.
    const secured = once(tls, 'secure').then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([secured, this.closed]))) throw new PeerClosedError();
  }

  /** The whole key exchange, as a server does it. */
  async exchangeKeys(): Promise<void> {
    const { dh, signature } = await this.offer();
    await this.writePart(dh.publicKey);
    await this.writePart(signature);
    await this.receiveKey();
  }

  /** The key pair and signature that this connection offers; for another public key, if one is given. */
  async offer(publicKey?: Uint8Array): Promise<SignedOffer> {
    const fresh = generateDhKeyPair();
    this.#offer ??= await makeSignedOffer(this.#privateKey(), publicKey ? { ...fresh, publicKey } : fresh);
    return this.#offer;
  }

  /** Awaits the client's public key; from then on packets can be said and heard. */
  async receiveKey(): Promise<void> {
    const { dh } = await this.offer();
    await this.#until(() => this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readUInt32BE(0));
    const end = 4 + this.#bytes.readUInt32BE(0);
    const key = deriveSessionKey(dh, this.#bytes.subarray(4, end));
    this.#key = key;
    this.#decoder = new PacketDecoder((source, from, to) => openPacket(key, source.subarray(from, to)));
    const rest = this.#bytes.subarray(end);
    this.#bytes = Buffer.alloc(0);
    this.#onData(rest);
  }

  /** Prompt, name, welcome and hint. Returns the name. */
  async welcome(): Promise<string> {
    await this.say('Enter your username: ');
    const name = await this.hear();
    await this.say(`Welcome to the chat, ${name}!`);
    await this.say('Type /help for available commands. Type /quit to exit.\n');
    return name;
  }

  /** Sends a text packet in a record of its own. */
  async say(text: string): Promise<void> {
    await this.sayBytes(Buffer.from(text));
  }

  /** Sends a text packet whose plaintext need not be UTF-8. */
  async sayBytes(plaintext: Uint8Array): Promise<void> {
    await this.write(this.packet(plaintext));
  }

  /** Sends a packet of a file in a record of its own. */
  async sayFile(plaintext: string | Uint8Array): Promise<void> {
    await this.write(this.packet(plaintext, PACKET_TYPE.file));
  }

  /** A packet with one byte of padding; of text, unless it is to be of a file. */
  packet(plaintext: string | Uint8Array, type: 1 | 3 = PACKET_TYPE.text): Buffer {
    if (!this.#key) throw new Error('No packet before the key exchange.');
    return buildPacket({
      key: this.#key,
      type,
      plaintext: Buffer.from(plaintext),
      padding: Buffer.alloc(1),
    });
  }

  /** Sends bytes as they are: inside TLS once there is TLS. */
  async write(bytes: Uint8Array): Promise<void> {
    const stream = this.#tls ?? this.#socket;
    await new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(new PeerClosedError()) : resolve()));
    });
  }

  /** Sends a part of the key exchange: its length, and then its bytes. */
  async writePart(part: Uint8Array): Promise<void> {
    await this.write(lengthPrefix(part.length));
    await this.write(part);
  }

  /** The next text that the client sent. */
  async hear(): Promise<string> {
    await this.#until(() => this.#texts.length > 0);
    const text = this.#texts.shift() ?? '';
    this.#endWhenHeard();
    return text;
  }

  /** The next packet of a file that the client sent. */
  async hearFile(): Promise<Buffer> {
    await this.#until(() => this.#files.length > 0);
    return this.#files.shift() ?? Buffer.alloc(0);
  }

  /** Texts and packets of files that the client has sent and the script has not heard. */
  get waitingTexts(): number {
    return this.#texts.length;
  }

  get waitingFiles(): number {
    return this.#files.length;
  }

  /** Takes nothing from the client any more, so that its writes pile up. */
  stopReading(): void {
    this.#tls?.pause();
  }

  /** The session key, for making sure that nobody else shows it. */
  get sessionKeyHex(): string {
    return this.#key?.toString('hex') ?? '';
  }

  /** Ends TLS in good order. */
  end(): void {
    (this.#tls ?? this.#socket).end();
  }

  /** Drops the TCP connection with a reset. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }

  #privateKey(): KeyObject {
    return createPrivateKey(this.#identity.keyPem);
  }

  #onData(bytes: Buffer): void {
    if (this.#decoder) {
      for (const { type, plaintext } of this.#decoder.receive(bytes)) {
        if (type === PACKET_TYPE.file) this.#files.push(plaintext);
        else if (!this.unheard.has(plaintext.toString())) this.#texts.push(plaintext.toString());
      }
    } else {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
    }
    this.#wake();
  }

  /** Closes as the client has, when the script has heard all that it sent. */
  #endWhenHeard(): void {
    if (this.#hasClientEnded && this.#texts.length === 0) this.#tls?.end();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#isClosed || this.#hasClientEnded) throw new PeerClosedError();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** `u32be length`, as before each part of the key exchange. */
export function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return prefix;
}
