import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { KeyObject } from 'node:crypto';
import { Session, type PaddingShape } from '@quietroom/protocol';

/**
 * A TLS client that writes as the Python connector does: each packet with `sendall` and a time limit of 10 ms, which
 * Node cannot do. It reads meanwhile. Hashing takes about the time in which that connector seals a packet. Standard input: groups of packets to be written at once, as
 * `count | (length | bytes) …`, numbers in 4 bytes. Standard output: `length | bytes` of each read.
 *
 * The time for which the server was ready and had no processor does not count: this is the machine's doing.
 */
const PYTHON = `
import hashlib, os, select, socket, ssl, struct, sys, time
port, server = int(sys.argv[1]), sys.argv[2]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
tls = context.wrap_socket(socket.create_connection(('127.0.0.1', port)))
tls.setblocking(False)
try:
    schedstat = os.open('/proc/%s/schedstat' % server, os.O_RDONLY)
except OSError:
    schedstat = None

def starved():
    return 0 if schedstat is None else int(os.pread(schedstat, 100, 0).split()[1])

def read():
    try:
        while True:
            data = tls.recv(65536)
            if not data:
                sys.exit(0)
            sys.stdout.buffer.write(struct.pack('>I', len(data)) + data)
    except ssl.SSLWantReadError:
        sys.stdout.buffer.flush()

def write(data):
    before, end = starved(), time.monotonic() + 0.01
    while True:
        try:
            return tls.send(data)
        except ssl.SSLWantWriteError:
            readable, writable, _ = select.select([tls], [tls], [], max(0, end - time.monotonic()))
            if readable:
                read()
            if not writable and time.monotonic() >= end:
                if starved() - before < 1000000:
                    sys.exit(3)
                before, end = starved(), time.monotonic() + 0.01

waiting = b''
at = 0

def take(size):
    global waiting, at
    while len(waiting) - at < size:
        for ready in select.select([0, tls], [], [])[0]:
            if ready is tls:
                read()
                continue
            data = os.read(0, 1048576)
            if not data:
                sys.exit(0)
            waiting, at = waiting[at:] + data, 0
    at += size
    return waiting[at - size:at]

while True:
    count = struct.unpack('>I', take(4))[0]
    for packet in [take(struct.unpack('>I', take(4))[0]) for _ in range(count)]:
        for _ in range(15):
            hashlib.sha256(packet)
        write(packet)
        read()
`;

/** False where Python 3 is missing. */
export async function isPythonThere(): Promise<boolean> {
  const python = spawn('python3', ['-c', 'import ssl'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    python.once('error', () => resolve(false));
    python.once('exit', (code) => resolve(code === 0));
  });
}

export interface ImpatientClientOptions {
  readonly port: number;
  readonly serverPid: number;
  readonly pinnedKey: KeyObject;
  readonly padding: PaddingShape;
}

/** A client whose writes fail when they take longer than 10 ms. */
export class ImpatientClient {
  /** Resolves with `timeout` when a write has failed. */
  readonly ended: Promise<'timeout' | 'closed'>;
  readonly #python: ChildProcess & { readonly stdin: NodeJS.WritableStream; readonly stdout: Readable };
  readonly #session: Session;
  #onText: (text: string) => void = () => {};

  constructor({ port, serverPid, pinnedKey, padding }: ImpatientClientOptions) {
    const python = spawn('python3', ['-c', PYTHON, String(port), String(serverPid)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#python = python;
    this.#session = new Session({ role: 'client', pinnedKey, padding, joinsPackets: false });
    this.ended = once(python, 'exit').then(([code]) => (code === 3 ? 'timeout' : 'closed'));
    // It has ended.
    python.stdin.on('error', () => {});
    void this.#read();
    this.#write();
  }

  async #read(): Promise<void> {
    let waiting = Buffer.alloc(0);
    for await (const chunk of this.#python.stdout as AsyncIterable<Buffer>) {
      waiting = Buffer.concat([waiting, chunk]);
      let at = 0;
      while (waiting.length - at >= 4) {
        const size = waiting.readUInt32BE(at);
        if (waiting.length - at - 4 < size) break;
        this.#received(waiting.subarray(at + 4, at + 4 + size));
        at += 4 + size;
      }
      waiting = waiting.subarray(at);
    }
  }

  #received(bytes: Buffer): void {
    for (const event of this.#session.receive(bytes)) {
      if (event.type === 'text') this.#onText(event.text);
      if (event.type === 'failed') throw event.error;
    }
    this.#write();
  }

  #write(): void {
    const packets: Uint8Array[] = [];
    for (let next = this.#session.nextWrite(); next !== undefined; next = this.#session.nextWrite())
      packets.push(Buffer.from(next.bytes));
    if (packets.length === 0) return;
    const parts: Uint8Array[] = [lengthBytes(packets.length)];
    for (const packet of packets) parts.push(lengthBytes(packet.length), packet);
    this.#python.stdin.write(Buffer.concat(parts));
  }

  onText(callback: (text: string) => void): void {
    this.#onText = callback;
  }

  /** All are written at once. */
  send(texts: readonly string[]): void {
    for (const text of texts) this.#session.sendText(Buffer.from(text));
    this.#write();
  }

  async login(name: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.onText((text) => {
        if (text.startsWith('Enter your username')) this.send([name]);
        if (text.startsWith('Welcome')) resolve();
      });
    });
  }

  async quit(): Promise<void> {
    this.#python.stdin.end();
    await this.ended;
  }
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
