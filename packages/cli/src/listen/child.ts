import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from 'quietroom-connector';
import { errorCode } from '../failures/errorCode.js';

/** Time for a command to end after SIGTERM. */
const KILL_AFTER_MS = 5000;

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly input: string;
  /** The command is stopped after this time. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Runs a command once, without a shell. Its output goes to standard error. */
export class Child {
  /** Resolves when it has ended, with the problem as the end of a sentence; undefined on success. */
  readonly ended: Promise<string | undefined>;
  readonly #clock: Clock;
  #process: ChildProcess | undefined;
  #timer: unknown;
  #isTimedOut = false;

  constructor(options: ChildOptions) {
    this.#clock = options.clock;
    this.ended = this.#run(options).finally(() => this.#clock.clearTimeout(this.#timer));
    this.#timer = this.#clock.setTimeout(() => {
      this.#isTimedOut = true;
      this.end();
    }, options.timeoutMs);
  }

  /** Sends SIGTERM, and SIGKILL a little later. */
  end(): void {
    this.signal('SIGTERM');
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.signal('SIGKILL'), KILL_AFTER_MS);
  }

  /** Signals the command's process group. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid, exitCode, signalCode } = this.#process ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === 'win32') process.kill(pid, signal);
      else process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }

  #run({ file, args, environment, input }: ChildOptions): Promise<string | undefined> {
    return new Promise((resolve) => {
      try {
        const child = spawn(file, args, {
          env: environment,
          stdio: ['pipe', 2, 2],
          shell: false,
          // A process group of its own: Ctrl-C on the terminal does not reach it, so that it can finish; and it can be
          // killed with its children.
          detached: process.platform !== 'win32',
        });
        this.#process = child;
        child.once('error', (error) => resolve(cannotStart(error)));
        child.once('exit', (code, signal) => resolve(this.#howEnded(code, signal)));
        // The command may ignore its input.
        child.stdin?.on('error', () => {});
        child.stdin?.end(input);
      } catch (error) {
        resolve(cannotStart(error));
      }
    });
  }

  #howEnded(code: number | null, signal: NodeJS.Signals | null): string | undefined {
    if (this.#isTimedOut) return 'took too long and was ended';
    if (signal !== null) return `was ended by ${signal}`;
    return code === 0 ? undefined : `ended with ${code}`;
  }
}

function cannotStart(error: unknown): string {
  const code = errorCode(error);
  return `cannot be started (${code})`;
}
