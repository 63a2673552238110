import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { firstIdentity, type TestIdentity } from '@quietroom/testing';

/** The command as it is installed. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Far longer than anything takes; only a test that fails gets there. */
const DEADLINE_MS = 60_000;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** How a process ended, and all that it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that a test started, with pipes for input and output. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';
  #isClosed = false;

  constructor(file: string, args: readonly string[], { cwd, env }: RunOptions = {}) {
    this.child = spawn(file, args, { cwd, env: { ...environment(), ...env }, stdio: 'pipe' });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.child.stdin?.on('error', () => {});
    this.#closed = once(this.child, 'close').then(() => (this.#isClosed = true));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** False when it has ended, and all that it wrote is read. */
  get isRunning(): boolean {
    return !this.#isClosed;
  }

  /** Resolves with the match when standard output has it. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(pattern, () => this.#stdout);
  }

  /** Resolves with the match when standard error has it. */
  untilError(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(pattern, () => this.#stderr);
  }

  async #until(pattern: RegExp, written: () => string): Promise<RegExpExecArray> {
    await eventually(`${pattern} is written`, () => pattern.test(written()) || this.#isClosed);
    const match = pattern.exec(written());
    assert.ok(match, `It ended without writing ${pattern}:\n${this.#stdout}${this.#stderr}`);
    return match;
  }

  async ended(): Promise<Outcome> {
    await eventually('the process ends', () => this.#isClosed);
    return { code: this.child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }
}

/** The environment of this process, without what would configure a command. */
export function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('QUIETROOM_'));
  return { ...Object.fromEntries(others), XDG_CONFIG_HOME: '/nonexistent' };
}

/** Starts `quietroom` with these arguments. */
export function quietroom(args: readonly string[], options: RunOptions = {}): Running {
  return new Running(process.execPath, [MAIN, ...args], options);
}

/** Runs `quietroom` to its end, without any input. */
export async function runToEnd(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  await using running = quietroom(args, options);
  running.child.stdin?.end();
  return await running.ended();
}

/** Asks again and again until it holds. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(`Waited in vain until ${what}.`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** One line, without a stack trace, that says what to do. */
export function assertOneLine(stderr: string, pattern: RegExp): void {
  assert.match(stderr, pattern);
  assert.match(stderr, /^quietroom: [^\n]+\n$/);
}

/** A folder that is removed at the end. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'quietroom-')));
  }

  /** With the identity of a server in it, so that none has to be made. */
  static async withIdentity(identity: TestIdentity = firstIdentity): Promise<Folder> {
    const folder = await Folder.make();
    await folder.write('chat_public.pem', identity.certPem);
    await folder.write('server_private.pem', identity.keyPem);
    return folder;
  }

  async write(name: string, text: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, text);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Someone to talk to, who keeps what was heard. */
export class Person implements AsyncDisposable {
  readonly connector: QuietRoomConnector;
  readonly dms: string[] = [];
  readonly texts: string[] = [];

  constructor(config: ConnectorConfig) {
    this.connector = new QuietRoomConnector({ username: 'alice', ...config })
      .onMessage((text) => void this.texts.push(text))
      .onDm((sender, text) => void this.dms.push(`${sender}: ${text}`));
  }

  static async connect(config: ConnectorConfig): Promise<Person> {
    const person = new Person(config);
    await person.connector.connect();
    return person;
  }

  async hears(dm: string): Promise<void> {
    await eventually(`a direct message ${JSON.stringify(dm)} has come, among ${this.dms.length}`, () =>
      this.dms.includes(dm),
    );
  }

  /** Resolves when a message has come in a room: `NAME: text`. */
  async reads(room: string, message: string): Promise<void> {
    await eventually(`${JSON.stringify(message)} has come in ${room}`, () =>
      this.texts.some((text) => text.replace(/^\[[\d:]{8}\] /, '') === `[${room}] ${message}`),
    );
  }

  async hearsText(pattern: RegExp): Promise<void> {
    await eventually(`a text has come like ${pattern}`, () => this.texts.some((text) => pattern.test(text)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connector.disconnect();
  }
}
