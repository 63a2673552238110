import type { Clock } from 'quietroom-connector';
import { terminalJson } from '../output/terminalJson.js';
import { Child } from './child.js';
import { receivedEnvironment, type Received } from './received.js';

/** Time for running commands to finish when listening ends. */
const GRACE_MS = 5000;

export interface ExecOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** Environment variables beside those of the message. */
  readonly environment: NodeJS.ProcessEnv;
  /** Commands that run at once. */
  readonly jobs: number;
  /** Messages that wait; further ones are dropped. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Receives problems as sentences. */
  readonly report: (problem: string) => void;
}

/**
 * Runs a command for each message in order of arrival, with limited concurrency. When too many wait, the newest are
 * dropped and reported.
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

  push(received: Received): void {
    const { maxWaiting, report, file } = this.#options;
    if (this.#waiting.length >= maxWaiting && this.#running.size >= this.#options.jobs) {
      if (this.#leftOut++ === 0) {
        report(`${file} is too slow: ${messages(maxWaiting)} wait for it, and it is not run for new ones.`);
      }
      return;
    }
    this.#waiting.push(received);
    this.#startNext();
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Starts no more commands; gives running ones time to finish, then kills them. Resolves when none runs. */
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

  /** Kills running commands without waiting, for an immediate exit. */
  abandon(): void {
    for (const child of this.#running) child.signal('SIGTERM');
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#running.size === 0;
  }

  #startNext(): void {
    const { file, args, environment, jobs, timeoutMs, clock } = this.#options;
    while (this.#running.size < jobs) {
      const received = this.#waiting.shift();
      if (received === undefined) break;
      const child = new Child({
        file,
        args,
        environment: { ...environment, ...receivedEnvironment(received) },
        input: `${terminalJson(received)}\n`,
        timeoutMs,
        clock,
      });
      this.#running.add(child);
      void child.ended.then((problem) => this.#ended(child, received, problem));
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
