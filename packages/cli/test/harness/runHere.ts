import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { run } from '#src/program.js';
import { environment, type Outcome, type RunOptions } from './quietroom.js';

export interface RunHereOptions extends RunOptions {
  /** Standard input. Default: none. */
  readonly input?: string | Uint8Array | readonly (string | Uint8Array)[];
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGCONT', 'SIGWINCH'] as const;

let isRunning = false;

/**
 * Runs `quietroom` in this process, which costs a fiftieth of a process of its own. One at a time: streams,
 * environment and folder are those of the process. For signals, crashes and files that are full, use `quietroom`.
 */
export async function runHere(
  args: readonly string[],
  { cwd, env, input = [] }: RunHereOptions = {},
): Promise<Outcome> {
  assert.ok(!isRunning, 'Another command is running in this process.');
  isRunning = true;
  const written = { stdout: '', stderr: '' };
  const restore = [
    capture('stdout', (text) => (written.stdout += text)),
    capture('stderr', (text) => (written.stderr += text)),
    replaceInput(input),
    replaceEnvironment({ ...environment(), ...env }),
    removeNewListeners(),
  ];
  const folder = process.cwd();
  try {
    if (cwd !== undefined) process.chdir(cwd);
    const code = await run(args);
    return { code, ...written };
  } finally {
    process.chdir(folder);
    for (const undo of restore) undo();
    isRunning = false;
  }
}

/** Takes the texts; bytes are what the test runner itself writes, and pass. */
function capture(name: 'stdout' | 'stderr', take: (text: string) => void): () => void {
  const stream = process[name];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    // With or without an encoding before the callback.
    if (typeof chunk !== 'string') return Reflect.apply(write, undefined, [chunk, ...more]) as boolean;
    take(chunk);
    const callback = more.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
    return true;
  };
  return () => {
    stream.write = write;
  };
}

function replaceInput(input: NonNullable<RunHereOptions['input']>): () => void {
  const chunks = typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
  const descriptor = Object.getOwnPropertyDescriptor(process, 'stdin');
  const stdin = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  return () => {
    stdin.destroy();
    if (descriptor) Object.defineProperty(process, 'stdin', descriptor);
  };
}

function replaceEnvironment(env: NodeJS.ProcessEnv): () => void {
  const { env: original } = process;
  process.env = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return () => {
    process.env = original;
  };
}

/** A process ends with its command; here the listeners of commands would add up. */
function removeNewListeners(): () => void {
  const kept = new Set<unknown>([
    ...SIGNALS.flatMap((signal) => process.listeners(signal)),
    ...process.stdout.listeners('error'),
  ]);
  return () => {
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal))
        if (!kept.has(listener)) process.off(signal, listener);
    }
    for (const listener of process.stdout.listeners('error')) {
      // Listeners of an event take any arguments.
      if (!kept.has(listener)) process.stdout.off('error', listener as () => void);
    }
  };
}
