import { fork, type ChildProcess } from 'node:child_process';

/** Where a server is, and the certificate that it must present. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
}

/** The reports of a process: first that it is ready, then its measurement, if it makes one. */
export type WorkerReport =
  { readonly type: 'ready'; readonly target?: Target } | { readonly type: 'done'; readonly measured: number };

/** A process of the benchmark, so that the CPU time of each side is counted separately. */
export class Worker implements Disposable {
  readonly #child: ChildProcess;
  readonly #ready: Promise<Target | undefined>;
  readonly #done: Promise<number>;

  /** `job` is sent to the process, whose module takes it by `serveJob`. */
  constructor(module: URL, job: { readonly role: string }) {
    this.#child = fork(module);
    const reports = new Map<WorkerReport['type'], (report: WorkerReport) => void>();
    const failed = new Promise<never>((_, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`The ${job.role} process ended with ${code}.`)));
    });
    failed.catch(() => {});
    this.#child.on('message', (message: WorkerReport) => reports.get(message.type)?.(message));
    const next = (type: WorkerReport['type']): Promise<WorkerReport> =>
      Promise.race([failed, new Promise<WorkerReport>((resolve) => reports.set(type, resolve))]);
    this.#ready = next('ready').then((message) => (message.type === 'ready' ? message.target : undefined));
    this.#done = next('done').then((message) => (message.type === 'done' ? message.measured : Number.NaN));
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

/** Reports to the process that started this one. */
export function report(message: WorkerReport): void {
  process.send?.(message);
}

/** Takes the job of this process: `prepare` gets ready and returns the work, which begins at `go`. */
export function serveJob(prepare: (job: never) => Promise<() => void>): void {
  process.once('message', (job) => {
    // The section that starts this module sends jobs of its kind only.
    const ready = prepare(job as never);
    process.once('message', () => void ready.then((start) => start()));
  });
  // A benchmark that has ended needs no workers.
  process.once('disconnect', () => process.exit());
}
