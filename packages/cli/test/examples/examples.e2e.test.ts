import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import test, { suite } from 'node:test';
import { fileURLToPath } from 'node:url';
import { QuietRoomServer } from '@quietroom/server';
import { secondIdentity } from '@quietroom/testing';
import type { ReceivedFile } from 'quietroom-connector';
import { eventually, Running } from '../harness/quietroom.js';
import { Scene } from './scene.js';

suite('examples/echo-bot.ts', () => {
  test('answers a direct message, and ends with 0 at Ctrl-C', async () => {
    await using scene = await Scene.begin();
    await using bot = scene.run('echo-bot');
    await bot.until(/^EchoBot is online\.$/m);
    await using alice = await scene.person('alice');
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    bot.signal('SIGINT');
    const { code, stdout, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.equal(stdout, 'EchoBot is online.\nGoodbye.\n');
    assert.equal(code, 0);
  });
});

suite('examples/file-drop.ts', () => {
  test('takes a file into its folder, tells the sender, and gives it back when asked', async () => {
    await using scene = await Scene.begin();
    const incoming = `${scene.folder.path}/incoming`;
    await using bot = scene.run('file-drop', [incoming]);
    await bot.until(/^FileDrop takes files into/m);
    await using alice = await scene.person('alice');
    const back: Promise<ReceivedFile>[] = [];
    alice.connector.onFileOffer((offer) => void back.push(offer.accept({ memory: true })));
    await alice.connector.sendFile('FileDrop', Buffer.from('hello'), { name: 'a.txt' });
    await alice.hears(
      'FileDrop: Got a.txt: 5 bytes, SHA-256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    );
    assert.equal(await readFile(`${incoming}/a.txt`, 'utf8'), 'hello');
    await alice.connector.sendDm('FileDrop', 'give it back');
    await eventually('it is offered', () => back.length === 1);
    assert.equal((await back[0])?.data?.toString(), 'hello');
    await bot.until(/^alice got "a\.txt"$/m);
    bot.signal('SIGINT');
    const { code, stderr } = await bot.ended();
    assert.deepEqual([code, stderr], [0, '']);
  });
});

suite('examples/room-monitor.ts', () => {
  test('shows messages, who comes and who goes, and ends with 0 at Ctrl-C', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice', '#general');
    await using monitor = scene.run('room-monitor', ['#general']);
    await monitor.until(/^\d\d:\d\d:\d\d -- #general: (alice, Monitor|Monitor, alice)$/m);
    await alice.connector.sendRoomMessage('#general', 'hello');
    await monitor.until(/^\d\d:\d\d:\d\d alice: hello$/m);
    await using bob = await scene.person('bob', '#general');
    await monitor.until(/ -- bob joined the server$/m);
    await monitor.until(/ -- bob joined #general$/m);
    await bob.connector.leaveRoom('#general');
    await monitor.until(/ -- bob left #general$/m);
    await bob.connector.disconnect();
    await monitor.until(/ -- bob left the server$/m);
    monitor.signal('SIGINT');
    const { code, stderr } = await monitor.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  test('shows what would control a terminal by numbers', async () => {
    await using scene = await Scene.begin();
    await using monitor = scene.run('room-monitor', ['#general']);
    await monitor.until(/ -- #general: Monitor$/m);
    await using alice = await scene.person('alice', '#general');
    await alice.connector.sendRoomMessage('#general', 'a\x1b]0;title\x07b\x9b2J\nc\u202ed 👍🏽 é');
    await monitor.until(/ alice: a.*$/m);
    monitor.signal('SIGTERM');
    const { code, stdout } = await monitor.ended();
    assert.match(stdout, / alice: a\\u\{1b\}\]0;title\\u\{7\}b\\u\{9b\}2J\\u\{a\}c\\u\{202e\}d 👍🏽 é$/m);
    assert.doesNotMatch(stdout, /[^\P{C}\n]/u);
    assert.equal(code, 0);
  });

  test('goes on after the server was restarted', async () => {
    await using scene = await Scene.begin();
    await using monitor = scene.run('room-monitor', ['#general']);
    await monitor.until(/ -- #general: Monitor$/m);
    await scene.restartServer();
    await monitor.until(/ -- No connection \(The server was shut down\.\); attempt 1 in \d\.\d s\.$/m);
    await monitor.until(/ -- Joined "#general" again\.$/m);
    await using alice = await scene.person('alice', '#general');
    await alice.connector.sendRoomMessage('#general', 'still there?');
    await monitor.until(/ alice: still there\?$/m);
    monitor.signal('SIGINT');
    assert.equal((await monitor.ended()).code, 0);
  });
});

suite('examples/alert-sender.ts', () => {
  test('sends its arguments to a user, and ends with 0 when the server has taken it', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice');
    await using sender = scene.run('alert-sender', ['alice', 'Disk', 'full']);
    const { code, stdout, stderr } = await sender.ended();
    assert.equal(stderr, '');
    assert.equal(stdout, 'accepted\n');
    assert.equal(code, 0);
    await alice.hears('Alerts: Disk full');
  });

  test('sends each line of standard input to a user as a message of its own', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice');
    await using sender = scene.run('alert-sender', ['alice']);
    sender.child.stdin?.end('db1 is full\n\ndb2 is full\n');
    assert.equal((await sender.ended()).code, 0);
    await alice.hears('Alerts: db2 is full');
    assert.deepEqual(alice.dms, ['Alerts: db1 is full', 'Alerts: db2 is full']);
  });

  test('sends standard input to a room with a password as it is', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice');
    await alice.connector.joinRoom('#ops', 'secret');
    await using sender = scene.run('alert-sender', ['#ops'], { env: { QUIETROOM_ROOM_PASSWORD: 'secret' } });
    sender.child.stdin?.end('db1 is full\ndb2 is full\n');
    assert.equal((await sender.ended()).code, 0);
    await alice.reads('#ops', 'Alerts: db1 is full\ndb2 is full');
  });

  test('goes by another name when its own is in use', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice');
    await using other = await scene.person('Alerts');
    await using sender = scene.run('alert-sender', ['alice', 'hello']);
    assert.equal((await sender.ended()).code, 0);
    await alice.hears(`Alerts-${sender.child.pid}: hello`);
    assert.deepEqual(other.dms, []);
  });

  test('ends with 2 when the user is offline', async () => {
    await using scene = await Scene.begin();
    await using sender = scene.run('alert-sender', ['alice', 'hello']);
    const { code, stdout } = await sender.ended();
    assert.equal(stdout, 'refused: recipient-offline\n');
    assert.equal(code, 2);
  });

  test('ends with 1 when the room has a password, when there is no server, and without arguments', async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice');
    await alice.connector.joinRoom('#ops', 'secret');
    await using outsider = scene.run('alert-sender', ['#ops', 'hello']);
    const refused = await outsider.ended();
    assert.match(refused.stderr, /PASSWORD_REQUIRED/);
    assert.equal(refused.code, 1);
    await scene.server.close();
    await using alone = scene.run('alert-sender', ['alice', 'hello']);
    const unreachable = await alone.ended();
    assert.match(unreachable.stderr, /ECONNREFUSED/);
    assert.equal(unreachable.code, 1);
    await using clueless = scene.run('alert-sender');
    const usage = await clueless.ended();
    assert.match(usage.stderr, /^usage: /);
    assert.equal(usage.code, 1);
  });
});

suite('examples/reconnecting-bot.ts', () => {
  test('is in its rooms again after the server was restarted, and answers', async () => {
    await using scene = await Scene.begin();
    await using bot = scene.run('reconnecting-bot', ['#general', '#ops']);
    await bot.until(/^PingBot is online\.$/m);
    await using bob = await scene.person('bob', '#ops');
    await eventually('PingBot is in the last of its rooms', async () =>
      (await bob.connector.listMembers('#ops')).includes('PingBot'),
    );
    await scene.restartServer();
    await bot.until(/^\S+ warn No connection \(The server was shut down\.\); attempt 1 in \d\.\d s\.$/m);
    for (const room of ['#general', '#ops']) {
      await bot.until(new RegExp(`^\\S+ info Joined "${room}" again\\.$`, 'm'));
      await using alice = await scene.person(`alice-in-${room.slice(1)}`, room);
      await alice.connector.sendRoomMessage(room, '!ping');
      await alice.reads(room, `PingBot: ${alice.connector.username}: pong`);
      await alice.connector.sendDm('PingBot', '!ping');
      await alice.hears('PingBot: pong');
    }
    assert.equal(bot.stdout.match(/^PingBot is online\.$/gm)?.length, 2);
    bot.signal('SIGTERM');
    const { code, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  test('ends with 0 at Ctrl-C while there is no server', async () => {
    await using scene = await Scene.begin();
    await using bot = scene.run('reconnecting-bot');
    await bot.until(/^PingBot is online\.$/m);
    await scene.server.close();
    await bot.until(/ECONNREFUSED/);
    bot.signal('SIGINT');
    const { code, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  test('ends with 1 when the server comes back with another certificate', async () => {
    await using scene = await Scene.begin();
    await using bot = scene.run('reconnecting-bot');
    await bot.until(/^PingBot is online\.$/m);
    const { port } = scene.server;
    await scene.server.close();
    scene.server = await QuietRoomServer.start({ port, identity: secondIdentity });
    const { code, stderr } = await bot.ended();
    assert.match(stderr, /PIN_MISMATCH/);
    assert.equal(code, 1);
  });
});

/** A developer may be without it; where CI runs, it must be there. */
const MICROSOCKS = 'microsocks';
const isMissing = spawnSync(MICROSOCKS, ['-h']).error !== undefined;
const skip =
  isMissing && process.env.CI === undefined
    ? `the SOCKS proxy ${MICROSOCKS} is not installed (apt-get install ${MICROSOCKS})`
    : false;

suite('examples/socks-proxy.ts', { skip }, () => {
  /** A name that needs no name server; to Node it is no address, so that it is left to the proxy. */
  const NAME = '127.1';

  test('reaches the server through the proxy, which looks up its name, and no other way', async () => {
    await using scene = await Scene.begin();
    await using proxy = await Proxy.start();
    await using bot = scene.run('socks-proxy', [], { env: { ...proxy.env, QUIETROOM_HOST: NAME } });
    await bot.until(/^EchoBot is online, by way of 127\.0\.0\.1:\d+\.$/m);
    await using alice = await scene.person('alice');
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    await proxy.hasConnectedTo(`${NAME}:${scene.server.port}`);
    bot.signal('SIGINT');
    const { code, stdout, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.match(stdout, /\nGoodbye\.\n$/);
    assert.equal(code, 0);
  });

  test('ends with 1 when the proxy goes, and when there is none', async () => {
    await using scene = await Scene.begin();
    await using proxy = await Proxy.start();
    await using bot = scene.run('socks-proxy', [], { env: proxy.env });
    await bot.until(/^EchoBot is online/m);
    await proxy[Symbol.asyncDispose]();
    const { code, stdout } = await bot.ended();
    assert.match(stdout, /\nThe connection to the server is lost/);
    assert.equal(code, 1);
    await using late = scene.run('socks-proxy', [], { env: proxy.env });
    const { code: lateCode, stderr } = await late.ended();
    assert.match(stderr, /ECONNREFUSED/);
    assert.equal(lateCode, 1);
  });

  test('refuses a server that is not the pinned one', async () => {
    await using scene = await Scene.begin();
    await using proxy = await Proxy.start();
    const QUIETROOM_CERT = await scene.folder.write('other.pem', secondIdentity.certPem);
    await using bot = scene.run('socks-proxy', [], { env: { ...proxy.env, QUIETROOM_CERT } });
    const { code, stdout, stderr } = await bot.ended();
    await proxy.hasConnectedTo(`${scene.server.host}:${scene.server.port}`);
    assert.match(stderr, /PIN_MISMATCH/);
    assert.equal(stdout, '');
    assert.equal(code, 1);
  });

  test('says so when the proxy cannot reach the server', async () => {
    await using scene = await Scene.begin();
    await using proxy = await Proxy.start();
    await scene.server.close();
    await using bot = scene.run('socks-proxy', [], { env: proxy.env });
    const { code, stderr } = await bot.ended();
    assert.match(stderr, /DIAL_FAILED/);
    assert.equal(code, 1);
  });
});

/** A SOCKS5 proxy that is not ours. */
class Proxy implements AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  readonly #process: Running;

  private constructor(process: Running, port: number) {
    this.#process = process;
    this.env = { QUIETROOM_PROXY_HOST: '127.0.0.1', QUIETROOM_PROXY_PORT: `${port}` };
  }

  static async start(): Promise<Proxy> {
    assert.ok(!isMissing, `${MICROSOCKS} is not installed, and CI must not go without it.`);
    const port = await freePort();
    const running = new Running(MICROSOCKS, ['-i', '127.0.0.1', '-p', `${port}`]);
    await eventually('the proxy listens', async () => !running.isRunning || (await listens(port)));
    assert.ok(running.isRunning, `${MICROSOCKS} does not run: ${running.stderr}`);
    return new Proxy(running, port);
  }

  async hasConnectedTo(target: string): Promise<void> {
    await eventually(`the proxy has connected to ${target}`, () =>
      this.#process.stderr.includes(`connected to ${target}\n`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** microsocks does not tell which port it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

suite('examples/testing-a-bot.ts', () => {
  test('passes as a test of its own', async () => {
    const path = fileURLToPath(new URL('../../../../examples/dist/testing-a-bot.js', import.meta.url));
    await using run = new Running(process.execPath, ['--test-reporter=tap', path], {
      env: { NODE_TEST_CONTEXT: '' },
    });
    const { code, stdout } = await run.ended();
    assert.match(stdout, /^# pass 1$/m);
    assert.equal(code, 0);
  });
});
