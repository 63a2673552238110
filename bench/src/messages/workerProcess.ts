import { fork, type ChildProcess } from 'node:child_process';
import type { Job, Report, Target } from './jobs.js';

/** A process of the benchmark, so that each side's CPU time is counted apart. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #ready: Promise<Target | undefined>;
  readonly #done: Promise<number>;

  constructor(job: Job) {
    this.#child = fork(new URL('worker.js', import.meta.url));
    const reports = new Map<Report['type'], (report: Report) => void>();
    const failed = new Promise<never>((_, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`The ${job.role} process ended with ${code}.`)));
    });
    failed.catch(() => {});
    this.#child.on('message', (report: Report) => reports.get(report.type)?.(report));
    const next = (type: Report['type']): Promise<Report> =>
      Promise.race([failed, new Promise<Report>((resolve) => reports.set(type, resolve))]);
    this.#ready = next('ready').then((report) => (report.type === 'ready' ? report.target : undefined));
    this.#done = next('done').then((report) => (report.type === 'done' ? report.measured : Number.NaN));
    this.#done.catch(() => {});
    this.#child.send(job);
  }

  /** Resolves when the process waits for `go`; with where it serves, if it does. */
  get ready(): Promise<Target | undefined> {
    return this.#ready;
  }

  /** What its meter measured. */
  get done(): Promise<number> {
    return this.#done;
  }

  go(): void {
    this.#child.send('go');
  }

  [Symbol.dispose](): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
  }
}

/** The target of a server process. */
export async function targetOf(server: Worker): Promise<Target> {
  const target = await server.ready;
  if (target === undefined) throw new Error('This process serves nothing.');
  return target;
}
