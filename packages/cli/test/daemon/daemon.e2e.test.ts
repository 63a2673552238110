import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { suite, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Receipt } from 'quietroom-connector';
import { DaemonConnection } from '#src/daemon/client/daemonConnection.js';
import { RemoteConnector } from '#src/daemon/client/remoteConnector.js';
import { eventually, quietroom, Running, runToEnd } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';

const PYTHON_BOT = fileURLToPath(new URL('../../../../examples/daemon-bot.py', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;

/** A server in this process, and the path of the socket of a daemon. */
class Scene {
  readonly room: Room;
  readonly path: string;

  private constructor(room: Room) {
    this.room = room;
    this.path = join(room.folder.path, 'run', 'd.sock');
  }

  static async begin(t: TestContext): Promise<Scene> {
    const room = await Room.open();
    t.after(() => room[Symbol.asyncDispose]());
    return new Scene(room);
  }

  args(command: string, ...more: readonly string[]): string[] {
    return this.room.args(command, '--daemon-socket', this.path, ...more);
  }

  /** A daemon that is logged in. */
  async daemon(t: TestContext, ...more: readonly string[]): Promise<Running> {
    const daemon = quietroom(this.args('daemon', '--username', 'alice', ...more));
    t.after(() => daemon[Symbol.asyncDispose]());
    await daemon.untilError(/alice is on .* Ctrl-C ends it/);
    return daemon;
  }

  run(t: TestContext, command: string, ...more: readonly string[]): Running {
    const running = quietroom(this.args(command, ...more));
    t.after(() => running[Symbol.asyncDispose]());
    return running;
  }
}

suite('quietroom daemon', { skip: process.platform === 'win32' }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} ends it with 0, and removes the socket`, async (t) => {
      const scene = await Scene.begin(t);
      const daemon = await scene.daemon(t);
      assert.equal(statSync(scene.path).mode & 0o777, 0o600);
      daemon.signal(signal);
      assert.equal((await daemon.ended()).code, 0);
      assert.equal(existsSync(scene.path), false);
      assert.equal(await scene.room.farewell('alice'), 'quit');
    });
  }

  test('the socket of a killed daemon is stale: commands go without, the next daemon replaces it', async (t) => {
    const scene = await Scene.begin(t);
    const killed = await scene.daemon(t);
    killed.signal('SIGKILL');
    await killed.ended();
    assert.ok(existsSync(scene.path));
    const users = await runToEnd(scene.args('users', '--json'));
    assert.equal((JSON.parse(users.stdout) as { daemon: boolean }).daemon, false);
    await scene.room.farewell('alice');
    await scene.daemon(t);
    assert.equal((await runToEnd(scene.args('users', '--daemon'))).stdout, 'alice\n');
  });

  test('of several daemons that start at the same time, one runs', async (t) => {
    const scene = await Scene.begin(t);
    const daemons = Array.from({ length: 3 }, (_, at) => scene.run(t, 'daemon', '--username', `d${at}`));
    await eventually('two have ended', () => daemons.filter(({ isRunning }) => !isRunning).length === 2);
    const [running] = daemons.filter(({ isRunning }) => isRunning);
    await running?.untilError(/Ctrl-C ends it/);
    for (const { isRunning, stderr } of daemons) {
      if (!isRunning) assert.match(stderr, /is in use by a running daemon/);
    }
    assert.equal(scene.room.names.length, 1);
  });

  test('a name that is taken, and a folder of others, end it', async (t) => {
    const scene = await Scene.begin(t);
    await scene.room.join('alice');
    const taken = await runToEnd(scene.args('daemon', '--username', 'alice'));
    assert.equal(taken.code, 5);
    assert.equal(existsSync(scene.path), false);
    chmodSync(join(scene.path, '..'), 0o755);
    const open = await runToEnd(scene.args('daemon', '--username', 'bob'));
    assert.equal(open.code, 1);
    assert.match(open.stderr, /folder .* must belong to this user and have mode 0700/);
  });

  test('listen goes on with a daemon that was restarted, and tells it', async (t) => {
    const scene = await Scene.begin(t);
    const first = await scene.daemon(t);
    const bob = await scene.room.joinRoom('bob', '#tea');
    const listening = scene.run(t, 'listen', '--daemon', '--room', '#tea');
    await listening.untilError(/Listening as alice on .* by the daemon, in #tea/);
    await bob.connector.sendDm('alice', 'one');
    await listening.until(/\[dm\] bob: one/);
    first.signal('SIGTERM');
    await first.ended();
    await listening.untilError(/The daemon has ended\. Connecting again/);
    await scene.daemon(t);
    await listening.untilError(/Connected again as alice/);
    await listening.untilError(/The daemon was restarted: what came in the meantime is unknown/);
    await eventually(
      'alice has joined the room again',
      () =>
        bob.texts.filter((text) => /joined/.test(text) && /alice/.test(text) && /#tea/.test(text)).length ===
        2,
    );
    await bob.connector.sendRoomMessage('#tea', 'two');
    await listening.until(/\[#tea\] bob: two/);
  });

  test('a send that is open when the daemon is killed is unconfirmed', async (t) => {
    const scene = await Scene.begin(t);
    const daemon = await scene.daemon(t);
    const sending = await openSend(scene, daemon);
    daemon.signal('SIGKILL');
    const { status } = await sending.receipt;
    assert.equal(status, 'unconfirmed');
  });

  test('SIGTERM answers the requests that are open', async (t) => {
    const scene = await Scene.begin(t);
    const daemon = await scene.daemon(t);
    const sending = await openSend(scene, daemon);
    daemon.signal('SIGTERM');
    // It was never sent, and the daemon knows.
    await assert.rejects(sending.receipt, { code: 'DISCONNECTED' });
    assert.equal((await daemon.ended()).code, 0);
  });

  test('--exec of listen is a child of listen, and its send goes by the daemon', async (t) => {
    const scene = await Scene.begin(t);
    await scene.daemon(t);
    const bob = await scene.room.join('bob');
    const script = await scene.room.folder.write(
      'answer.sh',
      `#!/bin/sh\n"${process.execPath}" "$1" send --daemon --to "$QUIETROOM_SENDER" "parent $PPID"\n`,
    );
    chmodSync(script, 0o700);
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const listening = scene.run(t, 'listen', '--daemon', '--exec', script, '--', main);
    await listening.untilError(/Listening as alice/);
    await bob.connector.sendDm('alice', 'who?');
    await bob.hears(`alice: parent ${listening.child.pid}`);
    assert.deepEqual(scene.room.names, ['alice', 'bob']);
  });

  test('chat uses it, and it stays when the chat ends', async (t) => {
    const scene = await Scene.begin(t);
    await scene.daemon(t, '--room', '#tea');
    const bob = await scene.room.joinRoom('bob', '#tea');
    const chat = scene.run(t, 'chat', '--daemon', '--plain');
    await chat.until(/You are alice on .* by the daemon/);
    await bob.connector.sendRoomMessage('#tea', 'hello');
    await chat.until(/bob.*hello/);
    chat.child.stdin?.end('/msg bob hi\n');
    assert.equal((await chat.ended()).code, 0);
    await bob.hears('alice: hi');
    assert.deepEqual(scene.room.names, ['alice', 'bob']);
    assert.equal((await runToEnd(scene.args('users', '--daemon'))).stdout, 'alice\nbob\n');
  });

  test('the bot in Python answers', { skip: hasPython ? false : 'python3 is missing' }, async (t) => {
    const scene = await Scene.begin(t);
    await scene.daemon(t);
    const bob = await scene.room.join('bob');
    await using bot = new Running('python3', [PYTHON_BOT, scene.path, '2']);
    await bot.until(/^alice on /);
    await bob.connector.sendDm('alice', 'hé "x"');
    await bob.hears('alice: You wrote: hé "x"');
    await bob.connector.sendDm('alice', 'two');
    await bob.hears('alice: You wrote: two');
    const { code, stdout, stderr } = await bot.ended();
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^bob: accepted\nbob: accepted\n$/m);
  });

  test('a client that floods it does not disturb others', async (t) => {
    const scene = await Scene.begin(t);
    await scene.daemon(t);
    const floods = Array.from({ length: 4 }, () => connect(scene.path));
    const request = '{"jsonrpc":"2.0","id":"x","method":"v1.history","params":{"since":0}}\n'.repeat(1000);
    for (const flood of floods) {
      flood.on('error', () => {});
      flood.pause();
      for (let count = 0; count < 100; count++) flood.write(request);
      flood.write('x'.repeat(3_000_000));
    }
    const { code, stdout } = await runToEnd(scene.args('users', '--daemon'));
    assert.deepEqual([code, stdout], [0, 'alice\n']);
    for (const flood of floods) flood.destroy();
  });
});

/** A send that waits in the daemon, because the server is away. */
async function openSend(scene: Scene, daemon: Running): Promise<{ readonly receipt: Promise<Receipt> }> {
  await scene.room.server.close();
  await daemon.untilError(/Connecting again/);
  const connection = await DaemonConnection.open({ path: scene.path, token: undefined });
  const connector = new RemoteConnector(connection, { temporaryRooms: true, find: async () => undefined });
  const receipt = connector.sendDm('bob', 'hi');
  // Requests are begun in their order.
  await connection.call('hello', {});
  return { receipt };
}
