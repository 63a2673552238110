import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile, type Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import type { FileFigures, FileJob, FileReport } from './fileJobs.js';
import type { Target } from '../measure/workerProcess.js';

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

/** A file through our server from disk to disk, beside a bare copy by TLS, and what it does to chat meanwhile. */
export const files: Section = {
  name: 'files',
  title: 'rate, CPU time and memory of a file through the server, and how long messages take meanwhile',
  async run({ runs, mebibytes }, step) {
    const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
    try {
      const path = join(folder, 'file.bin');
      const bytes = randomBytes(mebibytes * 2 ** 20);
      await writeFile(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const results: Run[] = [];
      for (let run = 1; run <= runs; run++) {
        step(`a file of ${mebibytes} MiB, run ${run} of ${runs}`);
        const ours = await throughServer(path);
        if (ours.receiver.sha256 !== sha256)
          throw new Error('The received file is not the one that was sent.');
        results.push({ ours, bare: await bareCopy(path), idle: await throughServer(undefined) });
      }
      return figuresOf(results, bytes.length);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Run {
  readonly ours: Record<'server' | 'sender' | 'receiver', FileFigures>;
  readonly bare: Record<'sender' | 'receiver', FileFigures>;
  /** The same messages without a file. */
  readonly idle: Record<'receiver', FileFigures>;
}

function figuresOf(runs: readonly Run[], bytes: number): Figure[] {
  const figure = (
    name: string,
    unit: string,
    better: Figure['better'],
    value: (run: Run) => number,
    floor?: (run: Run) => number,
  ): Figure => ({
    section: 'files',
    name,
    unit,
    better,
    values: runs.map(value),
    ...(floor && { floors: runs.map(floor) }),
  });
  const rate = ({ seconds = Number.NaN }: FileFigures): number => bytes / 1e6 / seconds;
  return [
    figure(
      'disk to disk',
      'MB/s',
      'higher',
      ({ ours }) => rate(ours.sender),
      ({ bare }) => rate(bare.sender),
    ),
    figure(
      'CPU of sender and receiver',
      's',
      'lower',
      ({ ours }) => ours.sender.cpuSeconds + ours.receiver.cpuSeconds,
      ({ bare }) => bare.sender.cpuSeconds + bare.receiver.cpuSeconds,
    ),
    figure('CPU of the server', 's', 'lower', ({ ours }) => ours.server.cpuSeconds),
    ...(['sender', 'receiver', 'server'] as const).map((who) =>
      figure(`memory grown by, ${who}`, 'MiB', 'lower', ({ ours }) => ours[who].grownMib),
    ),
    ...(['recipient', 'other'] as const).flatMap((of) =>
      ([0.5, 0.99] as const).map((part) =>
        figure(
          `message meanwhile to ${of === 'recipient' ? 'the recipient' : 'another'}, ${part === 0.5 ? 'median' : 'p99'}`,
          'ms',
          'lower',
          ({ ours }) => late(part, of, ours.receiver),
          ({ idle }) => late(part, of, idle.receiver),
        ),
      ),
    ),
  ];
}

/** Milliseconds that this part of the messages took at most. */
function late(part: number, of: 'recipient' | 'other', { delays }: FileFigures): number {
  return quantile(delays?.[of] ?? [], part);
}
