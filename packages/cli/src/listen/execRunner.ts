import type { Clock } from 'quietroom-connector';
import { terminalJson } from '../output/terminalJson.js';
import { Child } from './child.js';
import { receivedEnvironment, type Received } from './received.js';

/** How long commands that run may go on when listening ends. */
const GRACE_MS = 5000;

export interface ExecOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** What a command has in its environment beside the message. */
  readonly environment: NodeJS.ProcessEnv;
  /** How many run at once. */
  readonly jobs: number;
  /** How many messages wait; more are not run. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Is told what goes wrong, in sentences for a person. */
  readonly report: (problem: string) => void;
}

/**
 * Runs a command for each message, in the order of arrival, so many at once. When too many wait, the newest are left
 * out, and that is told.
 */
export class ExecRunner {
  readonly #options: ExecOptions;
  readonly #waiting: Received[] = [];
  readonly #running = new Set<Child>();
  #leftOut = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: ExecOptions) {
    this.#options = options;
  }

  push(heard: Received): void {
    const { maxWaiting, report, file } = this.#options;
    if (this.#waiting.length >= maxWaiting && this.#running.size >= this.#options.jobs) {
      if (this.#leftOut++ === 0) {
        report(`${file} is too slow: ${messages(maxWaiting)} wait for it, and it is not run for new ones.`);
      }
      return;
    }
    this.#waiting.push(heard);
    this.#startNext();
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Runs nothing more; what runs may finish for a while, and is ended then. Resolves when nothing runs. */
  async stop(): Promise<void> {
    const { clock, report, file } = this.#options;
    const dropped = this.#waiting.length;
    this.#waiting.length = 0;
    if (dropped > 0) report(`${file} was not run for what waited: ${messages(dropped)}.`);
    const timer = clock.setTimeout(() => {
      for (const child of this.#running) child.end();
    }, GRACE_MS);
    this.#settle();
    await this.idle();
    clock.clearTimeout(timer);
  }

  /** Ends what runs without waiting, for when the process ends at once. */
  abandon(): void {
    for (const child of this.#running) child.signal('SIGTERM');
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#running.size === 0;
  }

  #startNext(): void {
    const { file, args, environment, jobs, timeoutMs, clock } = this.#options;
    while (this.#running.size < jobs) {
      const heard = this.#waiting.shift();
      if (heard === undefined) break;
      const child = new Child({
        file,
        args,
        environment: { ...environment, ...receivedEnvironment(heard) },
        input: `${terminalJson(heard)}\n`,
        timeoutMs,
        clock,
      });
      this.#running.add(child);
      void child.ended.then((problem) => this.#ended(child, heard, problem));
    }
    this.#settle();
  }

  #ended(child: Child, { sender }: Received, problem: string | undefined): void {
    const { file, report } = this.#options;
    this.#running.delete(child);
    if (problem !== undefined) {
      report(`${file} ${problem}${sender === null ? '' : `, for a message of ${sender}`}.`);
    }
    if (this.#leftOut > 0 && this.#waiting.length === 0) {
      report(`${file} has caught up; it was not run for ${messages(this.#leftOut)}.`);
      this.#leftOut = 0;
    }
    this.#startNext();
  }

  #settle(): void {
    if (!this.#isIdle) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}
