import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { ExecRunner, type ExecOptions } from '#src/listen/execRunner.js';
import type { Received } from '#src/listen/received.js';
import { eventually, Folder } from '../harness/quietroom.js';

suite('the runner of commands', () => {
  test('runs one at a time by default of the command line, in order', async () => {
    await using stage = await Stage.open({ jobs: 1 });
    for (const text of ['a', 'b', 'c']) stage.runner.push(message(text));
    for (const text of ['a', 'b', 'c']) {
      const run = await stage.next();
      assert.equal(run.text, text);
      assert.equal(stage.open, 1);
      run.finish();
    }
    await stage.runner.idle();
    assert.deepEqual(stage.problems, []);
  });

  test('runs so many at once as are asked for', async () => {
    await using stage = await Stage.open({ jobs: 2 });
    for (const text of ['a', 'b', 'c']) stage.runner.push(message(text));
    const runs = [await stage.next(), await stage.next()];
    assert.deepEqual(new Set(runs.map(({ text }) => text)), new Set(['a', 'b']));
    assert.equal(stage.open, 2);
    runs[0]?.finish();
    assert.equal((await stage.next()).text, 'c');
    stage.finishAll();
    await stage.runner.idle();
  });

  test('leaves out the newest when too many wait, and says so at once and when it has caught up', async () => {
    await using stage = await Stage.open({ jobs: 1, maxWaiting: 2 });
    for (const text of ['a', 'b', 'c', 'd', 'e']) stage.runner.push(message(text));
    assert.deepEqual(stage.problems, [
      'node is too slow: 2 messages wait for it, and it is not run for new ones.',
    ]);
    for (const text of ['a', 'b', 'c']) {
      const run = await stage.next();
      assert.equal(run.text, text);
      run.finish();
    }
    await stage.runner.idle();
    assert.deepEqual(stage.problems.slice(1), ['node has caught up; it was not run for 2 messages.']);
  });

  test('ends a command that takes too long, with what it has started', async () => {
    await using stage = await Stage.open({ jobs: 1 });
    stage.runner.push(message('a'));
    await stage.next();
    stage.clock.advance(59_999);
    assert.deepEqual(stage.problems, []);
    stage.clock.advance(1);
    await stage.runner.idle();
    assert.deepEqual(stage.problems, ['node took too long and was ended, for a message of alice.']);
    assert.equal(stage.clock.pending, 0);
  });

  test('kills a command that does not end when it is asked to', async () => {
    await using stage = await Stage.open({ jobs: 1, stubborn: true });
    stage.runner.push(message('a'));
    const run = await stage.next();
    stage.clock.advance(60_000);
    await run.hears('SIGTERM');
    stage.clock.advance(5000);
    await stage.runner.idle();
    assert.deepEqual(stage.problems, ['node took too long and was ended, for a message of alice.']);
  });

  test('stopping lets what runs finish, for five seconds', async () => {
    await using stage = await Stage.open({ jobs: 1 });
    for (const text of ['a', 'b']) stage.runner.push(message(text));
    await stage.next();
    const stopped = stage.runner.stop();
    stage.clock.advance(4999);
    assert.equal(stage.open, 1);
    stage.clock.advance(1);
    await stopped;
    assert.deepEqual(stage.problems, [
      'node was not run for what waited: 1 message.',
      'node was ended by SIGTERM, for a message of alice.',
    ]);
    assert.equal(stage.clock.pending, 0);
  });

  test('a NUL is U+FFFD in a variable, and itself on standard input', async () => {
    await using folder = await Folder.make();
    const file = join(folder.path, 'record');
    const record = `require('node:fs').writeFileSync(${JSON.stringify(file)}, process.env.QUIETROOM_TEXT + '|' + require('node:fs').readFileSync(0, 'utf8'))`;
    const runner = new ExecRunner({ ...OPTIONS, args: ['-e', record], clock: new FakeClock() });
    runner.push(message('a\0b'));
    await runner.idle();
    const [variable, input = ''] = readFileSync(file, 'utf8').split('|');
    assert.equal(variable, 'a\ufffdb');
    assert.equal((JSON.parse(input) as Received).text, 'a\0b');
  });

  test('a command that reads nothing is none that fails', async () => {
    const problems: string[] = [];
    const runner = new ExecRunner({
      ...OPTIONS,
      file: 'true',
      args: [],
      clock: new FakeClock(),
      report: (problem) => problems.push(problem),
    });
    for (let at = 0; at < 20; at++) runner.push(message('x'.repeat(30_000)));
    await runner.idle();
    assert.ok(!existsSync('true'));
    assert.deepEqual(problems, []);
  });
});

const OPTIONS: Omit<ExecOptions, 'clock' | 'args'> = {
  file: process.execPath,
  environment: process.env,
  jobs: 1,
  maxWaiting: 1000,
  timeoutMs: 60_000,
  report: () => {},
};

function message(text: string): Received {
  const receivedAt = '2026-01-31T12:34:56.789Z';
  return {
    v: 1,
    type: 'dm',
    sender: 'alice',
    room: null,
    change: null,
    text,
    own: false,
    time: null,
    receivedAt,
    file: null,
  };
}

/** A command that runs: it has told its text, and ends when it is told to. */
interface Run {
  readonly text: string;
  finish(): void;
  hears(signal: string): Promise<void>;
}

/** Commands that connect to this process, tell their text and wait; the one that does is a child of the command. */
class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly problems: string[] = [];
  readonly runner: ExecRunner;
  readonly #server;
  readonly #sockets = new Set<Socket>();
  readonly #runs: Run[] = [];

  private constructor(
    server: ReturnType<typeof createServer>,
    options: { jobs: number; maxWaiting?: number; stubborn?: boolean },
  ) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    const { stubborn = false, ...more } = options;
    const actor = `
      const socket = require('node:net').connect(${port}, '127.0.0.1');
      ${stubborn ? "process.on('SIGTERM', () => socket.write('SIGTERM'));" : ''}
      socket.write(process.env.QUIETROOM_TEXT + ' ');
      socket.on('end', () => process.exit()).on('error', () => process.exit()).resume();
    `;
    const command = stubborn
      ? actor
      : `
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(actor)}], { stdio: 'inherit' });
      child.on('exit', (code) => process.exit(code ?? 1));
    `;
    this.runner = new ExecRunner({
      ...OPTIONS,
      ...more,
      args: ['-e', command],
      clock: this.clock,
      report: (problem) => this.problems.push(problem.replace(process.execPath, 'node')),
    });
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async open(options: { jobs: number; maxWaiting?: number; stubborn?: boolean }): Promise<Stage> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Stage(server, options);
  }

  /** How many run. */
  get open(): number {
    return this.#sockets.size;
  }

  async next(): Promise<Run> {
    await eventually('a command runs', () => this.#runs.length > 0);
    const run = this.#runs.shift();
    assert.ok(run);
    return run;
  }

  finishAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #connected(socket: Socket): void {
    let received = '';
    this.#sockets.add(socket);
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const isFirst = !received.includes(' ');
        received += text;
        if (isFirst && received.includes(' ')) {
          this.#runs.push({
            text: received.split(' ')[0] ?? '',
            finish: () => void socket.end(),
            hears: (signal) => eventually(`${signal} is received`, () => received.includes(signal)),
          });
        }
      })
      .on('error', () => {})
      .on('close', () => this.#sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.finishAll();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
