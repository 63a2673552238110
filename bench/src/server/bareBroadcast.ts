import { createCipheriv, createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { FRAGMENT_BYTES } from '@quietroom/protocol';
import { firstIdentity } from '@quietroom/testing';
import { messageText, type Target } from './target.js';

const CELL = FRAGMENT_BYTES.uniform;

/** As many cells as our server puts into a write when it is busy. */
const CELLS_PER_WRITE = 64;

/** As in the tick wheel of our server. */
const SLOTS_PER_SECOND = 50;

const KEY = createSecretKey(Buffer.alloc(32, 7));
const PLAINTEXT = Buffer.from(`[12:34:56] source: ${messageText(0)}`);

/** The floor: what TLS and AES-GCM alone cost in Node for records of the same size to as many clients. */
export class BareBroadcast {
  readonly #sockets: TLSSocket[] = [];
  readonly #nonce = Buffer.alloc(12);
  #sealed = 0;

  async listen(): Promise<Target> {
    const { certPem, keyPem } = firstIdentity;
    const server = createServer({ cert: certPem, key: keyPem, minVersion: 'TLSv1.3' }, (socket) => {
      socket.on('error', () => {});
      socket.setMaxSendFragment(CELL);
      socket.setNoDelay(true);
      socket.resume();
      this.#sockets.push(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, certPem };
  }

  /** Sends each client so many records; gives the CPU microseconds for each. */
  async flood(records: number): Promise<number> {
    const before = process.cpuUsage();
    for (let sent = 0; sent < records; sent += CELLS_PER_WRITE) {
      const cells = Math.min(CELLS_PER_WRITE, records - sent);
      await Promise.all(
        this.#sockets.map((socket) => new Promise((resolve) => socket.write(this.#batch(cells), resolve))),
      );
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (records * this.#sockets.length);
  }

  /**
   * Sends each client a cell per second for so many seconds, by one timer and spread over the second; gives the CPU
   * microseconds for each cell.
   */
  async trickle(seconds: number): Promise<number> {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    let cells = 0;
    for (let slot = 0; slot < seconds * SLOTS_PER_SECOND; slot++) {
      for (let at = slot % SLOTS_PER_SECOND; at < this.#sockets.length; at += SLOTS_PER_SECOND) {
        this.#sockets[at]?.write(this.#batch(1));
        cells++;
      }
      const due = startedAt + ((slot + 1) * 1000) / SLOTS_PER_SECOND;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / cells;
  }

  #batch(cells: number): Buffer {
    const batch = Buffer.alloc(cells * CELL);
    for (let at = 0; at < batch.length; at += CELL) this.#seal(batch, at);
    return batch;
  }

  #seal(target: Buffer, at: number): void {
    this.#nonce.writeUInt32BE(this.#sealed++);
    const cipher = createCipheriv('aes-256-gcm', KEY, this.#nonce, { authTagLength: 16 });
    const ciphertext = cipher.update(PLAINTEXT);
    cipher.final();
    target.set(ciphertext, at);
    target.set(cipher.getAuthTag(), at + ciphertext.length);
  }
}
