import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSignedOffer } from '@quietroom/protocol';
import { QuietRoomServer, type ServerOptions } from '@quietroom/server';
import { bareRelay } from './bareRelay.js';
import { BareBroadcast } from './bareBroadcast.js';
import { serve } from './remote.js';
import type { Target } from './target.js';

/** What a process has used. */
export interface Usage {
  readonly cpuMicroseconds: number;
  /** Resident memory after a garbage collection, without the part of the heap that is free. */
  readonly rssBytes: number;
  /** What is in use of it: the heap and the memory of buffers. */
  readonly liveBytes: number;
}

/** The process whose server is measured. */
export class ServerProcess {
  #server: QuietRoomServer | undefined;
  #bare: BareBroadcast | undefined;
  #key: KeyObject | undefined;

  async start(options: ServerOptions): Promise<Target> {
    // An identity as users have it: RSA-4096. Test identities are smaller, and sign faster.
    const identityFolder = await mkdtemp(join(tmpdir(), 'quietroom-'));
    this.#server = await QuietRoomServer.start({ port: 0, identityFolder, ...options });
    this.#key = createPrivateKey(await readFile(join(identityFolder, 'server_private.pem')));
    await rm(identityFolder, { recursive: true });
    const { host, port, certPem } = this.#server;
    return { host, port, certPem };
  }

  usage(): Usage {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    const rssBytes = rss - (heapTotal - heapUsed);
    return { cpuMicroseconds: user + system, rssBytes, liveBytes: heapUsed + external };
  }

  /** A server that copies what its first client sends to its second, in records of so many bytes. */
  async startRelay(recordBytes: number): Promise<Target> {
    return bareRelay(recordBytes);
  }

  /** CPU microseconds of the two signatures that each connection needs: one for TLS, one of ours. */
  async signatures(times: number): Promise<number> {
    const key = this.#key;
    if (key === undefined) return Number.NaN;
    const before = process.cpuUsage();
    for (let count = 0; count < times; count++) {
      sign('sha256', Buffer.alloc(64), { key, padding: 6, saltLength: 32 });
      await makeSignedOffer(key);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / times;
  }

  /** A server of bare TLS in place of ours. */
  async startBare(): Promise<Target> {
    this.#bare = new BareBroadcast();
    return this.#bare.listen();
  }

  /** CPU microseconds for each record. */
  async floodBare(records: number): Promise<number> {
    return (await this.#bare?.flood(records)) ?? Number.NaN;
  }

  /** CPU microseconds for each cell, at one per client and second. */
  async trickleBare(seconds: number): Promise<number> {
    return (await this.#bare?.trickle(seconds)) ?? Number.NaN;
  }
}

serve(new ServerProcess());
