import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { RECEIVED_VARIABLES } from '#src/listen/received.js';
import { MAIN, assertOneLine, eventually, quietroom, type Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { runHere } from '../harness/runHere.js';

/** Adds to the file what it got: arguments, message, variables. */
const RECORD = `
  const { appendFileSync, readFileSync } = require('node:fs');
  const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('QUIETROOM_')));
  const input = readFileSync(0, 'utf8');
  const [file, ...args] = process.argv.slice(1);
  appendFileSync(file, JSON.stringify({ args, input, variables }) + '\\n');
`;

interface Recorded {
  readonly args: readonly string[];
  readonly input: string;
  readonly variables: Readonly<Record<string, string>>;
}

suite('quietroom listen --exec', () => {
  test('runs a command with the message in variables and on standard input, never through a shell', async () => {
    await using room = await Room.open();
    const alice = await room.joinRoom('alice', '#ops');
    const file = join(room.folder.path, 'records');
    const args = ['-e', RECORD, file, '$HOME; `id`', '* a  b'];
    await using listening = await online(
      room,
      ['--json', '--room', '#ops', '--exec', process.execPath],
      args,
    );
    await alice.connector.sendRoomMessage('#ops', '$(touch /tmp/x); "quoted"\n`two`');
    await alice.connector.sendDm('monitor', 'hello');
    await eventually('both have run', () => records(file).length === 2);
    const [first, second] = records(file);
    assert.ok(first && second);
    assert.deepEqual(first.args, ['$HOME; `id`', '* a  b']);
    assert.equal(first.variables.QUIETROOM_TEXT, '$(touch /tmp/x); "quoted"\n`two`');
    assert.equal(first.variables.QUIETROOM_ROOM, '#ops');
    assert.match(first.variables.QUIETROOM_TIME ?? '', /^\d\d:\d\d:\d\d$/);
    assert.equal(second.variables.QUIETROOM_TYPE, 'dm');
    assert.equal(second.variables.QUIETROOM_SENDER, 'alice');
    assert.equal(second.variables.QUIETROOM_ROOM, '');
    for (const name of Object.keys(RECEIVED_VARIABLES)) assert.ok(name in second.variables, name);
    const printed = listening.stdout.split('\n');
    assert.deepEqual([`${printed[0]}\n`, `${printed[1]}\n`], [first.input, second.input]);
  });

  test('a command that answers by quietroom send reaches the same server', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const script = await room.folder.write(
      'answer.sh',
      `exec "${process.execPath}" "${MAIN}" send --username robot --to "$QUIETROOM_SENDER" "You said: $QUIETROOM_TEXT"\n`,
    );
    await using _ = await online(room, ['--exec', 'sh'], [script]);
    await alice.connector.sendDm('monitor', 'hello $HOME');
    await alice.hears('robot: You said: hello $HOME');
  });

  test('what the command prints goes to standard error', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const print = 'console.log("out", process.env.QUIETROOM_TEXT); console.error("err")';
    await using listening = await online(room, ['--exec', process.execPath], ['-e', print]);
    await alice.connector.sendDm('monitor', 'hello');
    await listening.untilError(/^out hello\nerr\n/m);
    assert.doesNotMatch(listening.stdout, /out/);
  });

  test('a command that fails, or is none, is told, and listening goes on', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using failing = await online(room, ['--exec', process.execPath], ['-e', 'process.exit(3)']);
    await alice.connector.sendDm('monitor', 'one');
    await failing.untilError(/node ended with 3, for a message of alice\.\n/);
    await alice.connector.sendDm('monitor', 'two');
    await failing.until(/two\n/);
    failing.signal('SIGINT');
    assert.equal((await failing.ended()).code, 0);
    for (const file of ['./no-such-command', 'no-such-command-at-all', room.folder.path]) {
      const { code, stderr } = await runHere(room.args('listen', '--exec', file));
      assert.equal(code, 1);
      assert.match(stderr, /cannot be run: .*Check --exec/);
    }
  });

  test('Ctrl-C lets the command that runs finish, and runs no other', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const go = join(room.folder.path, 'go');
    const done = join(room.folder.path, 'done');
    const script = `
      const { existsSync, appendFileSync } = require('node:fs');
      console.log('begun');
      setInterval(() => {
        if (!existsSync(${JSON.stringify(go)})) return;
        appendFileSync(${JSON.stringify(done)}, process.env.QUIETROOM_TEXT);
        process.exit();
      }, 10);
    `;
    await using listening = await online(room, ['--exec', process.execPath], ['-e', script]);
    for (const text of ['one', 'two', 'three']) await alice.connector.sendDm('monitor', text);
    await listening.untilError(/^begun$/m);
    await listening.until(/three\n/);
    listening.signal('SIGINT');
    await listening.untilError(/was not run for what waited: 2 messages\.\n/);
    assert.equal(await room.farewell('monitor'), 'quit');
    await room.folder.write('go', '');
    assert.equal((await listening.ended()).code, 0);
    assert.equal(readFileSync(done, 'utf8'), 'one');
  });

  test('--count waits for its commands', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const file = join(room.folder.path, 'records');
    await using listening = await online(
      room,
      ['--count', '3', '--exec', process.execPath],
      ['-e', RECORD, file],
    );
    for (const text of ['one', 'two', 'three']) await alice.connector.sendDm('monitor', text);
    assert.equal((await listening.ended()).code, 0);
    assert.deepEqual(
      records(file).map(({ variables }) => variables.QUIETROOM_TEXT),
      ['one', 'two', 'three'],
    );
  });

  test('refuses a number of commands that cannot be', async () => {
    const { code, stderr } = await runHere(['listen', '--exec', 'x', '--jobs', '101']);
    assert.equal(code, 2);
    assertOneLine(stderr, /whole number from 1 to 100/);
  });
});

/** The command, when it is online; `args` are those of the command that it runs. */
async function online(
  room: Room,
  options: readonly string[],
  args: readonly string[] = [],
): Promise<Running> {
  const listening = quietroom(room.args('listen', '--username', 'monitor', ...options, '--', ...args));
  await listening.untilError(/Listening as monitor/);
  return listening;
}

function records(file: string): Recorded[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Recorded);
}
