import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { defineProgram } from '#src/program.js';
import { FIRST_FINGERPRINT } from '../pin/pins.js';
import { client, Serving } from '../serve/serving.js';
import { runHere } from '../harness/runHere.js';
import { Folder, Person, quietroom, runToEnd, type Outcome, type Running } from '../harness/quietroom.js';

/** One pass of each command, as a process of its own, against `quietroom serve`. */
const PASSES: Readonly<Record<string, () => Promise<void>>> = {
  demo: async () => {
    const { code, stdout, stderr } = await runToEnd(['demo']);
    assert.match(stdout, /^EchoBot: Echo: /m);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  },

  chat: async () => {
    await using alice = await Person.connect(client(serving.port));
    await using chat = start('chat', '--username', 'chatter');
    await chat.until(/^\* You are chatter on 127\.0\.0\.1/m);
    chat.child.stdin?.end('/msg alice hello\n');
    assert.equal((await chat.ended()).code, 0);
    await alice.hears('chatter: hello');
  },

  send: async () => {
    await using alice = await Person.connect(client(serving.port));
    await succeeds('send', '--to', 'alice', '--username', 'sender', 'hello');
    await alice.hears('sender: hello');
  },

  listen: async () => {
    await using alice = await Person.connect(client(serving.port));
    await using listening = start('listen', '--username', 'listener', '--count', '1');
    await listening.untilError(/Listening as listener/);
    await alice.connector.sendDm('listener', 'hello');
    const { code, stdout } = await listening.ended();
    assert.match(stdout, / \[dm\] alice: hello\n$/);
    assert.equal(code, 0);
  },

  users: async () => {
    await using alice = await Person.connect(client(serving.port));
    assert.ok(alice.connector.isConnected);
    assert.match((await succeeds('users')).stdout, /^alice$/m);
  },

  rooms: async () => {
    await using alice = await Person.connect(client(serving.port));
    await alice.connector.joinRoom('#tea');
    assert.match((await succeeds('rooms')).stdout, /^#tea +1 user$/m);
  },

  members: async () => {
    await using alice = await Person.connect(client(serving.port));
    await alice.connector.joinRoom('#tea');
    assert.match((await succeeds('members', '#tea')).stdout, /^alice$/m);
  },

  'daemon status': async () => {
    await using folder = await Folder.make();
    const socket = ['--daemon-socket', `${folder.path}/d.sock`];
    await using daemon = start('daemon', '--username', 'keeper', ...socket);
    await daemon.untilError(/keeper is on 127\.0\.0\.1/);
    assert.match((await succeeds('daemon status', ...socket)).stdout, /^keeper on .*: connected$/m);
    assert.match((await succeeds('users', '--daemon', ...socket)).stdout, /^keeper$/m);
  },

  'daemon stop': async () => {
    await using folder = await Folder.make();
    const socket = ['--daemon-socket', `${folder.path}/d.sock`];
    await using daemon = start('daemon', '--username', 'keeper', ...socket);
    await daemon.untilError(/keeper is on 127\.0\.0\.1/);
    await succeeds('daemon stop', ...socket);
    assert.equal((await daemon.ended()).code, 0);
  },

  'pin show': async () => {
    const { stdout } = await succeeds('pin show', '--live');
    // On two lines.
    assert.ok(stdout.includes(`SHA-256  ${FIRST_FINGERPRINT.slice(0, 47)}`), stdout);
  },

  'pin verify': async () => {
    await succeeds('pin verify');
  },

  'pin add': async () => {
    await using folder = await Folder.make();
    const args = [`${folder.path}/pins.pem`, '--host', '127.0.0.1', '--port', serving.port];
    const { code, stderr } = await runToEnd(['pin', 'add', ...args, '--fingerprint', FIRST_FINGERPRINT]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  },

  doctor: async () => {
    assert.match((await succeeds('doctor')).stdout, /^ok {7}sizes /m);
  },

  'bot irc': async () => {
    await using folder = await Folder.make();
    const settings = `${folder.path}/irc.toml`;
    const { code, stderr } = await runToEnd(['bot', 'irc', '--init', '--settings', settings]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const irc =
      '[irc]\nhost = "127.0.0.1"\nport = 1\ntls = false\n[[links]]\nplace = "lobby"\nchannel = "#a"\n';
    const own = await folder.write('own.toml', `store = "${folder.path}/store"\n${irc}`);
    await using bridge = start('bot irc', '--settings', own);
    await bridge.untilError(/ECONNREFUSED/);
    bridge.signal('SIGINT');
    assert.equal((await bridge.ended()).code, 0);
  },

  'bot llm': async () => {
    await using folder = await Folder.make();
    const model = 'backend = "ollama"\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m"\nretries = 0\n';
    const settings = await folder.write('llm.toml', model);
    await using alice = await Person.connect(client(serving.port));
    await using bot = start('bot llm', '--settings', settings);
    await bot.until(/^Assistant answers with m on 127\.0\.0\.1/m);
    await alice.connector.sendDm('Assistant', 'hello');
    await alice.hears('Assistant: The model cannot be reached.');
    bot.signal('SIGINT');
    assert.equal((await bot.ended()).code, 0);
  },

  'bot new': async () => {
    await using folder = await Folder.make();
    const { code, stderr } = await runToEnd(['bot', 'new', `${folder.path}/my-bot`]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  },

  'bot relay': async () => {
    await using folder = await Folder.make();
    const route =
      '[[routes]]\npath = "/a"\nsource = "text"\nto = "alice"\nauth = "none"\ngroup_seconds = 0\n';
    const settings = await folder.write('relay.toml', `port = 0\nstore = "${folder.path}/store"\n${route}`);
    await using alice = await Person.connect(client(serving.port));
    await using relay = start('bot relay', '--settings', settings);
    const [, url] = await relay.until(/^Relay relays from (http:\S+) on 127\.0\.0\.1/m);
    assert.equal((await fetch(`${url}/a`, { method: 'POST', body: 'hello' })).status, 202);
    await alice.hears('Relay: hello');
    relay.signal('SIGINT');
    assert.equal((await relay.ended()).code, 0);
  },

  shape: async () => {
    await using watching = start('shape', '--seconds', '1', '--json');
    const { code, stdout } = await watching.ended();
    assert.equal(typeof JSON.parse(stdout), 'object');
    assert.equal(code, 0);
  },

  echo: async () => {
    await using alice = await Person.connect(client(serving.port));
    await using bot = start('echo');
    await bot.until(/^EchoBot answers/);
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    bot.signal('SIGINT');
    assert.equal((await bot.ended()).code, 0);
  },

  serve: async () => {
    await using own = await Serving.start();
    const alice = await own.join('alice');
    await alice.connector.disconnect();
    own.server.signal('SIGTERM');
    const { code, stdout, stderr } = await own.server.ended();
    assert.match(stdout, / joined client=1 name=alice\n/);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  },

  conformance: async () => {
    const { stdout } = await succeeds('conformance', '--only', 'dms');
    assert.match(stdout, /^all +32 +0 +0 +0 +0$/m);
  },

  completion: async () => {
    const { code, stdout } = await runToEnd(['completion', 'bash']);
    assert.match(stdout, /\bdoctor\b/);
    assert.equal(code, 0);
  },
};

/** What each subcommand of `admin` prints, in this order: the last one ends the server. */
const ADMIN_PASSES: readonly (readonly [args: readonly string[], stdout: RegExp])[] = [
  [['clients'], /^alice +127\.0\.0\.1 +20\S+Z +0 B +[\d.]+\/s +- +no$/m],
  [['rooms'], /^#tea +no +alice$/m],
  [['mute', 'alice', '--for', '1h'], /^alice is muted for 3600 seconds\.$/m],
  [['unmute', 'alice'], /^alice is no longer muted\.$/m],
  [['announce', 'hello'], /^Sent to 1 user\.$/m],
  [['close-room', '#tea'], /^The room #tea is closed\. Members removed: 1\.$/m],
  [['kick', 'alice'], /^alice was disconnected\.$/m],
  [['ban', 'mallory'], /^The name mallory is banned until it is lifted\./m],
  [['bans'], /^mallory +name +-$/m],
  [['unban', 'mallory'], /^mallory is no longer banned\.$/m],
  [['reload'], /^The configuration was read again\.$/m],
  [['drain'], /^New logins are refused\./m],
];

let serving: Serving;

suite('each command works from end to end:', () => {
  before(async () => {
    serving = await Serving.start();
  });
  after(() => serving[Symbol.asyncDispose]());

  for (const [command, pass] of Object.entries(PASSES)) test(`quietroom ${command}`, pass);

  test('quietroom admin', { skip: process.platform === 'win32' }, async () => {
    await using own = await Serving.start();
    const alice = await own.join('alice');
    await alice.connector.joinRoom('#tea');
    for (const [args, stdout] of ADMIN_PASSES) {
      const outcome = await runHere(['admin', ...args, '--dir', own.folder.path]);
      assert.match(outcome.stdout, stdout);
      assert.deepEqual({ code: outcome.code, stderr: outcome.stderr }, { code: 0, stderr: '' });
      if (args[0] === 'kick') await alice.connector.disconnect();
    }
    assert.equal((await own.server.ended()).code, 0);
  });

  test('and no command is left out', () => {
    const commands = defineProgram().commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((child) => `${command.name()} ${child.name()}`),
    );
    const passes = [...Object.keys(PASSES), ...ADMIN_PASSES.map(([[name]]) => `admin ${name}`)];
    assert.deepEqual(passes.sort(), commands.sort());
  });
});

/** Starts a command with the options that lead to the server. */
function start(command: string, ...more: readonly string[]): Running {
  const server = ['--host', '127.0.0.1', '--port', serving.port];
  const cert = ['--cert', `${serving.folder.path}/chat_public.pem`];
  return quietroom([...command.split(' '), ...server, ...cert, ...more]);
}

async function succeeds(command: string, ...more: readonly string[]): Promise<Outcome> {
  await using running = start(command, ...more);
  running.child.stdin?.end();
  const outcome = await running.ended();
  assert.deepEqual({ code: outcome.code, stderr: outcome.stderr }, { code: 0, stderr: '' });
  return outcome;
}
