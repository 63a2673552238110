import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstIdentity } from '@quietroom/testing';
import type { Figure } from '../measure/figure.js';
import type { Section } from '../section.js';

const COMMAND = fileURLToPath(new URL('../../../packages/cli/bin/quietroom.js', import.meta.url));

/** Starts are short, and vary more than work does. */
const STARTS_PER_RUN = 5;

/** How long the command takes to start, beside `node -e 0`. */
export const startUp: Section = {
  name: 'start-up',
  title: 'time until quietroom --help has ended, and until quietroom send has sent its first byte',
  async run({ runs }, step) {
    const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
    const listener = new FirstByteListener();
    try {
      const cert = join(folder, 'chat_public.pem');
      await writeFile(cert, firstIdentity.certPem);
      const port = await listener.listen();
      const address = ['--host', '127.0.0.1', '--port', String(port), '--cert', cert];
      const kinds = [
        { name: 'quietroom --help', maxRatio: 2.5, start: () => timeToExit([COMMAND, '--help']) },
        {
          name: 'quietroom send, to its first byte',
          maxRatio: 3.5,
          start: () => timeToFirstByte([COMMAND, 'send', ...address, '--to', 'x', 'hi'], listener),
        },
      ];
      const figures: Figure[] = [];
      for (const { name, maxRatio, start } of kinds) {
        step(name);
        const values: number[] = [];
        const floors: number[] = [];
        for (let run = 0; run < runs * STARTS_PER_RUN; run++) {
          floors.push(await timeToExit(['-e', '0']));
          values.push(await start());
        }
        figures.push({ section: 'start-up', name, unit: 'ms', better: 'lower', values, floors, maxRatio });
      }
      return figures;
    } finally {
      listener.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** A server that answers nothing, and reports the first bytes of each connection. */
class FirstByteListener {
  #onBytes: () => void = () => {};
  readonly #server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => this.#onBytes());
  });

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#onBytes = resolve;
    });
  }

  close(): void {
    this.#server.close();
  }
}

async function timeToExit(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}.`);
  return performance.now() - startedAt;
}

async function timeToFirstByte(args: readonly string[], listener: FirstByteListener): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const exit = once(child, 'exit');
  const early = exit.then(([code]) => {
    throw new Error(`node ${args.join(' ')} ended with ${code} before it sent anything.`);
  });
  await Promise.race([listener.next(), early]);
  const elapsed = performance.now() - startedAt;
  early.catch(() => {});
  child.kill('SIGKILL');
  await exit;
  return elapsed;
}
