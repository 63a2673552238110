import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, OnReadOpts } from 'node:net';
import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { FRAGMENT_BYTES, type PaddingShape } from '@quietroom/protocol';
import { firstIdentity } from '@quietroom/testing';
import { Meter } from './meter.js';
import type { Target } from '../measure/workerProcess.js';
import { messageText, type Load } from './jobs.js';

/**
 * The floor: what TLS and AES-GCM alone cost in Node for records of the same size, without packets, search,
 * grammar, callbacks or promises.
 */

const KEY = createSecretKey(Buffer.alloc(32, 7));
const PLAINTEXT = Buffer.from(`[DM from source]: ${messageText(0)}`);
const SEALED_BYTES = 28 + PLAINTEXT.length;

/** As many bytes as a packet has in this shape; of random padding, the mean. */
function recordBytes(padding: PaddingShape): number {
  return padding === 'uniform' ? FRAGMENT_BYTES.uniform : 3 + SEALED_BYTES + 128;
}

function seal(target: Buffer, at: number): void {
  const nonce = randomNonce();
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce, { authTagLength: 16 });
  const ciphertext = cipher.update(PLAINTEXT);
  cipher.final();
  nonce.copy(target, at);
  ciphertext.copy(target, at + 12);
  cipher.getAuthTag().copy(target, at + 12 + ciphertext.length);
}

const nonce = Buffer.alloc(12);
let counter = 0;

function randomNonce(): Buffer {
  nonce.writeUInt32BE(counter++);
  return nonce;
}

function open(record: Uint8Array): void {
  const end = 3 + SEALED_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', KEY, record.subarray(3, 15), { authTagLength: 16 });
  decipher.setAuthTag(record.subarray(end - 16, end));
  decipher.update(record.subarray(15, end - 16));
  decipher.final();
}

function sealedRecord(padding: PaddingShape): Buffer {
  const record = randomBytes(recordBytes(padding));
  seal(record, 3);
  return record;
}

export async function serveBare(answers: boolean, padding: PaddingShape, load: Load): Promise<Target> {
  const { certPem: cert, keyPem: key } = firstIdentity;
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    socket.on('error', () => {});
    socket.setMaxSendFragment(FRAGMENT_BYTES[padding]);
    const record = sealedRecord(padding);
    const writer = new RecordWriter(socket, record);
    if (answers) socket.on('data', () => writer.add(1));
    else writer.add(load.warmUp + load.messages);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, cert };
}

/** Writes a record again and again, each time alone: Node joins waiting writes. */
class RecordWriter {
  readonly #socket: TLSSocket;
  readonly #record: Buffer;
  #left = 0;

  constructor(socket: TLSSocket, record: Buffer) {
    this.#socket = socket;
    this.#record = record;
  }

  add(count: number): void {
    const isIdle = this.#left === 0;
    this.#left += count;
    if (isIdle) this.#writeNext();
  }

  #writeNext(): void {
    this.#socket.write(this.#record, () => {
      this.#left--;
      if (this.#left > 0) this.#writeNext();
    });
  }
}

function connectBare({ host, port }: Target, onRecord: (record: Uint8Array) => void): TLSSocket {
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    rejectUnauthorized: false,
    onread: {
      buffer: Buffer.alloc(65536),
      callback: (size, buffer) => {
        onRecord(buffer.subarray(0, size));
        return true;
      },
    },
  };
  return connect(options);
}

export function receiveBare(target: Target, load: Load, done: (measured: number) => void): void {
  const meter = new Meter(load, done);
  connectBare(target, (record) => {
    open(record);
    meter.count();
  });
}

/** Records go out as the encoder's writes do: joined cells, or one a write. */
export function sendBare(
  target: Target,
  padding: PaddingShape,
  load: Load,
  done: (measured: number) => void,
): void {
  const meter = new Meter(load, done);
  const perWrite = padding === 'uniform' ? 128 : 1;
  const socket = connectBare(target, (record) => {
    open(record);
    meter.count();
  });
  socket.once('secureConnect', () => {
    socket.setMaxSendFragment(FRAGMENT_BYTES[padding]);
    void (async () => {
      const size = recordBytes(padding);
      for (let left = load.warmUp + load.messages; left > 0; left -= perWrite) {
        const batch = Buffer.alloc(size * Math.min(perWrite, left));
        for (let at = 0; at < batch.length; at += size) seal(batch, at + 3);
        await new Promise((resolve) => socket.write(batch, resolve));
      }
    })();
  });
}
