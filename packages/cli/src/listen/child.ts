import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from 'quietroom-connector';

/** How long a command that was asked to end may take for it. */
const KILL_AFTER_MS = 5000;

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly input: string;
  /** After it the command is ended. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A command that runs once, without a shell. Its output goes to standard error. */
export class Child {
  /** Resolves when it has ended, with what went wrong, as the end of a sentence; undefined when nothing did. */
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

  /** Asks it to end, and a little later makes it end. */
  end(): void {
    this.signal('SIGTERM');
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.signal('SIGKILL'), KILL_AFTER_MS);
  }

  /** To it and to whatever it has started. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid, exitCode, signalCode } = this.#process ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === 'win32') process.kill(pid, signal);
      else process.kill(-pid, signal);
    } catch {
      // It has ended in this moment.
    }
  }

  #run({ file, args, environment, input }: ChildOptions): Promise<string | undefined> {
    return new Promise((resolve) => {
      try {
        const child = spawn(file, args, {
          env: environment,
          stdio: ['pipe', 2, 2],
          shell: false,
          // A group of its own: Ctrl-C on the terminal does not reach it, so that it can finish; and it can be
          // ended with all that it started.
          detached: process.platform !== 'win32',
        });
        this.#process = child;
        child.once('error', (error) => resolve(cannotStart(error)));
        child.once('exit', (code, signal) => resolve(this.#howEnded(code, signal)));
        // It need not read.
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return `cannot be started (${code})`;
}
