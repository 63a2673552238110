import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { connect, createServer } from 'node:tls';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { QuietRoomConnector } from 'quietroom-connector';
import type { FileFigures, FileJob, FileReport } from './fileJobs.js';
import type { Target } from '../measure/workerProcess.js';

const MESSAGE_EVERY_MS = 10;
const SAMPLE_EVERY_MS = 20;

function report(message: FileReport): void {
  process.send?.(message);
}

/** CPU and memory of this process, from its making on. */
class Meter {
  readonly #cpu = process.cpuUsage();
  readonly #rss = process.memoryUsage.rss();
  #most = this.#rss;

  constructor() {
    setInterval(() => {
      this.#most = Math.max(this.#most, process.memoryUsage.rss());
    }, SAMPLE_EVERY_MS).unref();
  }

  figures(): FileFigures {
    const { user, system } = process.cpuUsage(this.#cpu);
    return { cpuSeconds: (user + system) / 1e6, grownMib: (this.#most - this.#rss) / 2 ** 20 };
  }
}

async function logIn({ host, port, cert }: Target, username: string): Promise<QuietRoomConnector> {
  const connector = new QuietRoomConnector({ serverHost: host, serverPort: port, cert, username });
  await connector.connect();
  return connector;
}

/** Both processes are on one machine, and so on one clock. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Gets ready; returns what to do when told to go, which resolves with more figures. */
async function prepare(job: FileJob): Promise<() => Promise<Partial<FileFigures>>> {
  switch (job.role) {
    case 'server': {
      const server = await QuietRoomServer.start({ port: 0 });
      report({ type: 'ready', target: { host: server.host, port: server.port, cert: server.certPem } });
      return () => Promise.resolve({});
    }
    case 'receiver': {
      const delays = { recipient: [] as number[], other: [] as number[] };
      const bob = await logIn(job.target, 'bob');
      bob.onDm((_, sentAt) => void delays.recipient.push(now() - Number(sentAt)));
      const carol = await logIn(job.target, 'carol');
      carol.onDm((_, sentAt) => void delays.other.push(now() - Number(sentAt)));
      let sha256: string | undefined;
      bob.onFileOffer(async (offer) => {
        const { path = '' } = await offer.accept(job.folder);
        const hash = createHash('sha256');
        await pipeline(createReadStream(path), hash);
        sha256 = hash.digest('hex');
        report({ type: 'finished' });
      });
      report({ type: 'ready' });
      return () => Promise.resolve({ delays, ...(sha256 === undefined ? {} : { sha256 }) });
    }
    case 'sender': {
      const alice = await logIn(job.target, 'alice');
      report({ type: 'ready' });
      return async () => {
        const chat = setInterval(() => {
          void alice.sendDm('bob', String(now()));
          void alice.sendDm('carol', String(now()));
        }, MESSAGE_EVERY_MS);
        let seconds = job.idleMs / 1000;
        if (job.path === undefined) {
          await new Promise((resolve) => {
            setTimeout(resolve, job.idleMs);
          });
        } else {
          ({ seconds } = await alice.sendFile('bob', job.path));
        }
        clearInterval(chat);
        await alice.flush();
        return { seconds };
      };
    }
    case 'bareReceiver': {
      const { certPem: cert, keyPem: key } = firstIdentity;
      const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
        void pipeline(socket, createWriteStream(join(job.folder, 'bare.bin'))).then(() =>
          report({ type: 'finished' }),
        );
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      report({ type: 'ready', target: { host: '127.0.0.1', port, cert } });
      return () => Promise.resolve({});
    }
    case 'bareSender': {
      const { host, port, cert } = job.target;
      const socket = connect({ host, port, ca: cert, checkServerIdentity: () => undefined });
      await once(socket, 'secureConnect');
      report({ type: 'ready' });
      return async () => {
        const startedAt = performance.now();
        await pipeline(createReadStream(job.path), socket);
        return { seconds: (performance.now() - startedAt) / 1000 };
      };
    }
  }
}

process.once('message', (job: FileJob) => {
  const go = prepare(job);
  let meter = new Meter();
  const tell = async (): Promise<void> => {
    const run = await go;
    const more = await run();
    report({ type: 'figures', figures: { ...meter.figures(), ...more } });
  };
  process.on('message', (order: 'start' | 'go' | 'tell') => {
    if (order === 'start') meter = new Meter();
    else {
      void tell();
    }
  });
});
process.once('disconnect', () => process.exit());
