import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { firstIdentity } from '@quietroom/testing';
import { defineProgram } from '#src/program.js';
import { Folder, MAIN, Person } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { Terminal, terminalSkip, type TerminalOptions } from '../harness/terminal.js';
import { runHere } from '../harness/runHere.js';

/** Runs `quietroom` in a shell, which shows its exit code and stays. */
function inShell(args: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
  const script = 'trap : INT; "$@"; echo "[exit $?]"; read -r _';
  const command = ['sh', '-c', script, 'sh', process.execPath, MAIN, ...args];
  return Terminal.start(command, options);
}

/** The screen, with what differs from run to run made alike. */
function settled(rows: readonly string[], ...paths: readonly string[]): string {
  let text = rows.join('\n').trimEnd();
  for (const path of paths) text = text.replaceAll(path, 'FOLDER');
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replaceAll(/\d\d:\d\d:\d\d/g, 'HH:MM:SS')
    .replaceAll(/^\S+T\S+Z/gm, 'TIME');
}

/** What is on the screen when the command has ended. */
async function screenAtEnd(args: readonly string[]): Promise<string> {
  await using terminal = await inShell(args);
  return settled(await terminal.until(/\[exit \d+\]$/m));
}

suite('on a terminal of 80 columns', { skip: terminalSkip }, () => {
  test('quietroom users, rooms and members print their lists', async () => {
    await using room = await Room.open();
    await room.joinRoom('alice', '#ops');
    await room.joinRoom('bob', '#vault', 'sesame');
    const as = ['--username', 'visitor'];
    assert.equal(await screenAtEnd(room.args('users', ...as)), 'alice\nbob\n[exit 0]');
    assert.equal(
      await screenAtEnd(room.args('rooms', ...as)),
      '#ops    1 user\n#vault  1 user, password\n[exit 0]',
    );
    assert.equal(await screenAtEnd(room.args('members', '#ops', ...as)), 'alice\n[exit 0]');
  });

  test('quietroom send says nothing when all is well, and one line when it is not', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const as = ['--username', 'visitor'];
    assert.equal(await screenAtEnd(room.args('send', ...as, '--to', 'alice', 'hello 👋')), '[exit 0]');
    assert.deepEqual(alice.dms, ['visitor: hello 👋']);
    assert.equal(
      await screenAtEnd(room.args('send', ...as, '--to', 'nobody', 'hello')),
      'quietroom: nobody is not online. Try again later.\n[exit 7]',
    );
    assert.match(
      await screenAtEnd(room.args('send', ...as, '--to', 'alice')),
      /There is no text\.[^]*\[exit 2\]$/,
    );
  });

  test('quietroom listen shows what is written, harmless, until Ctrl-C', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using terminal = await inShell(room.args('listen', '--username', 'visitor'));
    await terminal.until('Ctrl-C ends it.');
    await alice.connector.sendDm('visitor', 'one \u001b[2Jtwo');
    await alice.connector.sendLobbyMessage('to all: 你好 👩‍💻');
    await terminal.until('to all');
    await terminal.press('C-c');
    assert.equal(
      settled(await terminal.until(/\[exit \d+\]$/m)).replace('^C', ''),
      [
        'quietroom: Listening as visitor on SERVER. Ctrl-C ends it.',
        String.raw`HH:MM:SS [dm] alice: one \x1b[2Jtwo`,
        'HH:MM:SS [lobby] alice: to all: 你好 👩‍💻',
        '[exit 0]',
      ].join('\n'),
    );
  });

  test('quietroom echo answers, shows who wrote, and ends at Ctrl-C', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using terminal = await inShell(room.args('echo'));
    await terminal.until('Ctrl-C ends it.');
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    await terminal.until('alice: hello');
    await terminal.press('C-c');
    assert.equal(
      settled(await terminal.until(/\[exit \d+\]$/m)).replace('^C', ''),
      'EchoBot answers direct messages on SERVER. Ctrl-C ends it.\nalice: hello\n[exit 0]',
    );
  });

  test('quietroom serve tells how to reach it, logs who comes, and ends at Ctrl-C', async () => {
    await using folder = await Folder.withIdentity();
    await using terminal = await inShell(['serve', '--port', '0', '--dir', '.'], { cwd: folder.path });
    const rows = await terminal.until(/on 127\.0\.0\.1:\d+\. Ctrl-C ends it\./);
    const port = Number(/127\.0\.0\.1:(\d+)\. Ctrl-C/.exec(rows.join('\n'))?.[1]);
    const config = { serverHost: '127.0.0.1', serverPort: port, cert: firstIdentity.certPem };
    await using alice = await Person.connect({ username: 'alice', ...config });
    await terminal.until(/joined.*alice/);
    await alice.connector.disconnect();
    await terminal.until(/closed.*alice/);
    await terminal.press('C-c');
    assert.match(settled(await terminal.until(/\[exit \d+\]$/m)), /^\S*\[exit 0\]$/m);
  });

  test('quietroom --print-config shows the settings, and where each comes from', async () => {
    await using folder = await Folder.make();
    await folder.write('quietroom.config.json', '{ "host": "chat.example" }');
    await using terminal = await inShell(['users', '--port', '1234', '--print-config'], {
      cwd: folder.path,
      rows: 150,
    });
    const screen = settled(await terminal.until(/\[exit \d+\]$/m), folder.path);
    const printed: unknown = JSON.parse(screen.replace('[exit 0]', ''));
    assert.ok(typeof printed === 'object' && printed !== null && 'settings' in printed);
    const { host, port, connectTimeout } = printed.settings as Record<
      string,
      { value: unknown; from: string }
    >;
    assert.deepEqual([host?.value, port?.value, connectTimeout?.value], ['chat.example', 1234, 30]);
    assert.match(host?.from ?? '', /quietroom\.config\.json/);
    assert.match(port?.from ?? '', /--port/);
    assert.equal(connectTimeout?.from, 'default');
  });

  test('the help is the same as in a pipe, and no description is broken by the terminal', async () => {
    const commands = defineProgram().commands.map((command) => command.name());
    for (const args of [[], ...commands.map((command) => [command])]) {
      const { stdout } = await runHere([...args, '--help']);
      await using terminal = await Terminal.start(
        ['sh', '-c', '"$@"; echo "[end]"; read -r _', 'sh', process.execPath, MAIN, ...args, '--help'],
        { rows: 120 },
      );
      const screen = (await terminal.until('[end]')).join('\n');
      // Examples stay on one line, whatever the width.
      const [described = ''] = stdout.split('\nExamples:\n');
      assert.ok(screen.startsWith(described.replaceAll(/ +$/gm, '')), screen);
    }
  });
});
