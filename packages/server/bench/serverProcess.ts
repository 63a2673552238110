import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { makeSignedOffer } from '@quietroom/protocol';
import {
  QuietRoomServer,
  type ReloadableOptions,
  type ServerOptions,
  type ServerStats,
} from '@quietroom/server';
import { makeCertificate } from '#src/identity/certificate.js';
import { bareRelay } from './bareRelay.js';
import { BareTls } from './bareTls.js';
import { serve } from './remote.js';
import type { Target } from './target.js';

/** What a process has used. */
export interface Usage {
  readonly cpuMicroseconds: number;
  /** Resident memory after a garbage collection. */
  readonly rssBytes: number;
  /** What is in use of it: the heap and the memory of buffers. */
  readonly liveBytes: number;
}

/** The process whose server is measured. */
export class ServerProcess {
  #server: QuietRoomServer | undefined;
  #bare: BareTls | undefined;
  #key: KeyObject | undefined;
  #watch: NodeJS.Timeout | undefined;
  #highestRssBytes = 0;

  async start(options: ServerOptions): Promise<Target> {
    const identity = await makeCertificate();
    this.#key = createPrivateKey(identity.keyPem);
    this.#server = await QuietRoomServer.start({ port: 0, identity, ...options });
    const { host, port, certPem } = this.#server;
    return { host, port, certPem };
  }

  stats(): ServerStats | undefined {
    return this.#server?.stats();
  }

  reload(options: ReloadableOptions): void {
    this.#server?.reload(options);
  }

  usage(): Usage {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { cpuMicroseconds: user + system, rssBytes: rss, liveBytes: heapUsed + external };
  }

  /** Looks at the memory until it is asked how much it was at most. */
  watchMemory(): void {
    this.#highestRssBytes = 0;
    const look = (): void => {
      this.#highestRssBytes = Math.max(this.#highestRssBytes, process.memoryUsage.rss());
    };
    look();
    this.#watch = setInterval(look, 20);
  }

  highestRssBytes(): number {
    clearInterval(this.#watch);
    return this.#highestRssBytes;
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
    this.#bare = new BareTls();
    return this.#bare.listen();
  }

  /** CPU microseconds for each record. */
  async floodBare(records: number): Promise<number> {
    return (await this.#bare?.flood(records)) ?? Number.NaN;
  }
}

serve(new ServerProcess());
