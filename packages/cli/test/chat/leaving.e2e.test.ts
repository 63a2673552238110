import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { pathToFileURL } from 'node:url';
import { eventually } from '../harness/quietroom.js';
import { terminalSkip, type Terminal } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

/** The terminal is as it was: its own screen, with the cursor, lines wrapped, and what is pasted not marked. */
async function assertRestored(terminal: Terminal): Promise<void> {
  assert.ok(!(await terminal.isFullScreen()));
  const raw = await terminal.raw();
  for (const mode of ['?7h', '?25h', '?2004l', '?1049l']) {
    const opposite = mode.endsWith('h') ? mode.replace(/h$/, 'l') : mode.replace(/l$/, 'h');
    assert.ok(raw.lastIndexOf(`[${mode}`) > raw.lastIndexOf(`[${opposite}`), mode);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

suite('leaving quietroom chat', { skip: terminalSkip }, () => {
  for (const [name, leave] of [
    ['/quit', (terminal: Terminal) => terminal.enter('/quit')],
    ['Ctrl-C twice', (terminal: Terminal) => terminal.press('C-c', 'C-c')],
    ['Ctrl-D', (terminal: Terminal) => terminal.press('C-d')],
    ['SIGTERM', async (terminal: Terminal) => void process.kill(await terminal.pid(), 'SIGTERM')],
    ['SIGINT', async (terminal: Terminal) => void process.kill(await terminal.pid(), 'SIGINT')],
  ] as const) {
    test(`${name} ends it in good order, and gives the terminal back`, async () => {
      await using scene = await ChatScene.begin();
      const left: string[] = [];
      scene.server.onLeave((who) => left.push(who));
      await using alice = await scene.chat();
      await leave(alice);
      assert.deepEqual(await alice.ended(), { code: 0, signal: undefined });
      await assertRestored(alice);
      await eventually('the server knows', () => left.length > 0);
    });
  }

  test('Ctrl-C once empties the text, and says what another does', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await alice.type('half a line');
    await alice.until('› half a line');
    await alice.press('C-c');
    await alice.until(/Ctrl-C again leaves the chat\n› Write to Lobby/);
    await alice.type('x');
    await alice.until(/\/help\n› x/);
  });

  test('SIGHUP ends it as SIGHUP does, and gives the terminal back', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    process.kill(await alice.pid(), 'SIGHUP');
    assert.deepEqual(await alice.ended(), { code: undefined, signal: 1 });
    await assertRestored(alice);
  });

  test('SIGQUIT ends it as SIGQUIT does, and gives the terminal back', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    process.kill(await alice.pid(), 'SIGQUIT');
    assert.deepEqual(await alice.ended(), { code: undefined, signal: 3 });
    await assertRestored(alice);
  });

  test('Ctrl-Z where no shell can continue it shows the chat again', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await alice.press('C-z');
    await eventually('it has left the full screen', async () => (await alice.raw()).includes('\x1b[?1049l'));
    await eventually('it is back', () => alice.isFullScreen());
    await alice.enter('still here');
    await alice.until('✓ still here');
  });

  test('a terminal that is gone ends it', async () => {
    await using scene = await ChatScene.begin();
    const left: string[] = [];
    scene.server.onLeave((who) => left.push(who));
    await using alice = await scene.chat();
    const pid = await alice.pid();
    await alice.close();
    await eventually('it ends', () => !isRunning(pid));
    await eventually('the server knows', () => left.length > 0);
  });

  test('a mistake of ours gives the terminal back, and is told on its own screen', async () => {
    await using scene = await ChatScene.begin();
    const fault = await scene.folder.write(
      'fault.mjs',
      "process.on('SIGUSR2', () => { throw new Error('a mistake'); });",
    );
    await using alice = await scene.chat([], {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(fault).href}` },
    });
    process.kill(await alice.pid(), 'SIGUSR2');
    assert.deepEqual(await alice.ended(), { code: 1, signal: undefined });
    await assertRestored(alice);
    await alice.until('quietroom: Something unexpected went wrong: a mistake.');
  });

  test('a server that comes back as another one is told of, and decides the exit code', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await scene.becomeAnother();
    await alice.until('○ not connected');
    await alice.enter('/quit');
    assert.deepEqual(await alice.ended(), { code: 4, signal: undefined });
    await assertRestored(alice);
  });

  test('Ctrl-Z gives the terminal back for a while', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chatUnderShell();
    await alice.press('C-z');
    await alice.until('Stopped');
    assert.ok(!(await alice.isFullScreen()));
    await alice.resize(60, 20);
    await alice.enter('fg');
    await alice.until('● connected');
    // The last row is the input line, whatever the size was before.
    await alice.untilScreen(
      'it fits the window',
      (rows) => rows.length === 20 && rows.at(-1)?.startsWith('› ') === true,
    );
    await alice.enter('still here');
    await alice.until('✓ still here');
    await alice.enter('/quit');
    await alice.until(/sh \S+chat\.sh\n.*\$$/m);
    await alice.enter('echo "ended $?"');
    await alice.until('ended 0');
  });
});
