import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileFigures, FileJob, FileReport } from './fileJobs.js';
import type { Target } from './jobs.js';

/** Long enough for a few hundred messages. */
const IDLE_MS = 3000;

class FileWorker implements Disposable {
  readonly #child: ChildProcess;
  readonly #reports: FileReport[] = [];
  #wake = (): void => {};

  constructor(job: FileJob) {
    this.#child = fork(new URL('fileWorker.js', import.meta.url));
    this.#child.on('message', (report: FileReport) => {
      this.#reports.push(report);
      this.#wake();
    });
    this.#child.once('exit', (code) => {
      throw new Error(`The ${job.role} process ended with ${code}.`);
    });
    this.#child.send(job);
  }

  async ready(): Promise<Target> {
    const report = await this.#next();
    return report.type === 'ready' && report.target ? report.target : { host: '', port: 0, cert: '' };
  }

  /** Begins to measure. */
  start(): void {
    this.#child.send('start');
  }

  async finished(): Promise<void> {
    await this.#next();
  }

  /** Does what there is to do, and tells what was measured. */
  async figures(): Promise<FileFigures> {
    this.#child.send('go');
    const report = await this.#next();
    if (report.type !== 'figures') throw new Error(`A process said ${report.type} before its time.`);
    return report.figures;
  }

  async #next(): Promise<FileReport> {
    for (;;) {
      const report = this.#reports.shift();
      if (report) return report;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
  }
}

/** Sends a file through our server from disk to disk, and direct messages all the while. */
async function throughServer(
  path: string | undefined,
): Promise<Record<'server' | 'sender' | 'receiver', FileFigures>> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  try {
    using server = new FileWorker({ role: 'server' });
    const target = await server.ready();
    using receiver = new FileWorker({ role: 'receiver', target, folder });
    await receiver.ready();
    using sender = new FileWorker({ role: 'sender', target, path, idleMs: IDLE_MS });
    await sender.ready();
    for (const worker of [server, receiver, sender]) worker.start();
    const sent = await sender.figures();
    if (path !== undefined) await receiver.finished();
    return { server: await server.figures(), sender: sent, receiver: await receiver.figures() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bareCopy(path: string): Promise<Record<'sender' | 'receiver', FileFigures>> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  try {
    using receiver = new FileWorker({ role: 'bareReceiver', folder });
    using sender = new FileWorker({ role: 'bareSender', target: await receiver.ready(), path });
    await sender.ready();
    for (const worker of [receiver, sender]) worker.start();
    const sent = await sender.figures();
    await receiver.finished();
    return { sender: sent, receiver: await receiver.figures() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function percentile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function delay(name: string, { delays }: FileFigures, bytesPerMs?: number): string {
  const text = (numbers: readonly number[]): string => {
    const median = percentile(numbers, 0.5);
    const chunks = bytesPerMs === undefined ? '' : ` (${((median * bytesPerMs) / 4064).toFixed(0)} chunks)`;
    return `${median.toFixed(1)} ms${chunks}, p99 ${percentile(numbers, 0.99).toFixed(1)} ms`;
  };
  return `  ${name.padEnd(24)} to the recipient ${text(delays?.recipient ?? [])}; to another ${text(delays?.other ?? [])}`;
}

/** Prints what a file of so many MiB costs, beside a bare copy by TLS, and what it does to chat. */
export async function benchFiles(mebibytes: number, runs: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  try {
    const path = join(folder, 'file.bin');
    const bytes = randomBytes(mebibytes * 2 ** 20);
    await writeFile(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const rate = ({ seconds = Number.NaN }: FileFigures): number => bytes.length / 1e6 / seconds;
    console.log(
      `A file of ${mebibytes} MiB from disk to disk, with a message to each of two people every 10 ms`,
    );
    for (let run = 1; run <= runs; run++) {
      const ours = await throughServer(path);
      const bare = await bareCopy(path);
      const cpu = ours.sender.cpuSeconds + ours.receiver.cpuSeconds;
      const bareCpu = bare.sender.cpuSeconds + bare.receiver.cpuSeconds;
      const idle = await throughServer(undefined);
      console.log(
        [
          `run ${run}`,
          `  through our server       ${rate(ours.sender).toFixed(0)} MB/s; CPU: sender ${ours.sender.cpuSeconds.toFixed(2)} s, receiver ${ours.receiver.cpuSeconds.toFixed(2)} s, server ${ours.server.cpuSeconds.toFixed(2)} s`,
          `  bare copy by TLS         ${rate(bare.sender).toFixed(0)} MB/s; CPU: sender ${bare.sender.cpuSeconds.toFixed(2)} s, receiver ${bare.receiver.cpuSeconds.toFixed(2)} s`,
          `  ratio                    ${(rate(bare.sender) / rate(ours.sender)).toFixed(1)} times as fast; CPU of both ends ${(cpu / bareCpu).toFixed(1)} times`,
          `  memory grew by at most   sender ${ours.sender.grownMib.toFixed(0)} MiB, receiver ${ours.receiver.grownMib.toFixed(0)} MiB, server ${ours.server.grownMib.toFixed(0)} MiB`,
          `  SHA-256                  ${ours.receiver.sha256 === sha256 ? 'right' : 'WRONG'}`,
          delay('messages meanwhile', ours.receiver, rate(ours.sender) * 1000),
          delay('messages without a file', idle.receiver),
        ].join('\n'),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
