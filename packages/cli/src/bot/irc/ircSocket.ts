import { EventEmitter } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Transport } from 'irc-framework';

/** How to reach an IRC server. */
export interface IrcAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Certificates of authorities, PEM. Default: those of Node. */
  readonly ca?: string | undefined;
  /** SHA-256 of the server's certificate, as hexadecimal digits; then no authority is asked. */
  readonly fingerprint?: string | undefined;
}

/** IRC lines have 512 bytes, and 8191 more with tags. A server that sends longer ones is no IRC server. */
const MAX_LINE_BYTES = 512 + 8191;

/**
 * A TCP or TLS connection for irc-framework. Beside the library's own transport it verifies against given authorities or
 * a fingerprint, limits the length of lines, and writes each line as exactly one.
 */
export class IrcSocket extends EventEmitter implements Transport {
  readonly #address: IrcAddress;
  readonly #onError: (error: unknown) => void;
  #socket: net.Socket | undefined;
  #isOpen = false;
  #rest: Buffer = Buffer.alloc(0);

  /** `onError`: gets why the connection failed, and errors in the handling of a line. */
  constructor(address: IrcAddress, onError: (error: unknown) => void) {
    super();
    this.#address = address;
    this.#onError = onError;
  }

  connect(): void {
    const { host, port, tls: isTls, ca, fingerprint } = this.#address;
    const socket = isTls
      ? tls.connect({
          host,
          port,
          ...(net.isIP(host) === 0 ? { servername: host } : {}),
          ...(ca === undefined ? {} : { ca }),
          rejectUnauthorized: fingerprint === undefined,
          minVersion: 'TLSv1.2',
        })
      : net.connect({ host, port });
    this.#socket = socket;
    socket.setKeepAlive(true, 60_000);
    socket.once(isTls ? 'secureConnect' : 'connect', () => this.#onConnected(socket));
    socket.on('data', (data: Buffer) => this.#onData(data));
    socket.on('error', this.#onError);
    socket.once('close', () => {
      this.#isOpen = false;
      this.emit('close', false);
    });
  }

  writeLine(line: string, written?: () => void): void {
    // One call, one line: whatever a text holds, it adds no command.
    if (this.#isOpen) this.#socket?.write(`${line.replace(/[\r\n\0]/g, ' ')}\r\n`, written);
    else if (written !== undefined) process.nextTick(written);
  }

  close(isForced = false): void {
    if (isForced || !this.#isOpen) this.#socket?.destroy();
    else this.#socket?.end();
  }

  disposeSocket(): void {
    this.#socket?.destroy();
  }

  /** UTF-8 always. */
  setEncoding(): boolean {
    return true;
  }

  isConnected(): boolean {
    return this.#isOpen;
  }

  #onConnected(socket: net.Socket): void {
    const { fingerprint } = this.#address;
    if (fingerprint !== undefined && socket instanceof tls.TLSSocket) {
      const found = socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase();
      if (found !== fingerprint) {
        socket.destroy(
          new Error(`The server's certificate has the fingerprint ${found}, which is not pinned.`),
        );
        return;
      }
    }
    this.#isOpen = true;
    this.emit('open');
  }

  #onData(data: Buffer): void {
    let from = 0;
    for (let end = data.indexOf(0x0a); end >= 0; end = data.indexOf(0x0a, from)) {
      this.#onLine(Buffer.concat([this.#rest, data.subarray(from, end)]));
      this.#rest = Buffer.alloc(0);
      from = end + 1;
    }
    this.#rest = Buffer.concat([this.#rest, data.subarray(from)]);
    if (this.#rest.length > MAX_LINE_BYTES) {
      this.#socket?.destroy(new Error('The server sent a line that is too long for IRC.'));
    }
  }

  #onLine(bytes: Buffer): void {
    if (bytes.length > MAX_LINE_BYTES) return;
    try {
      this.emit('line', bytes.toString().replace(/[\r\0]/g, ''));
    } catch (error) {
      // irc-framework throws at commands without their parameters.
      this.#onError(error);
    }
  }
}
