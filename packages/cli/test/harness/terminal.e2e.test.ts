import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { Terminal, terminalSkip } from './terminal.js';

suite('the terminal of the tests', { skip: terminalSkip }, () => {
  test('shows quietroom demo, which echoes what is typed, and ends by Ctrl-C', async () => {
    await using terminal = await Terminal.quietroom(['demo']);
    await terminal.until('You:');
    await terminal.enter('hello \u{1f44b}');
    await terminal.until('EchoBot: Echo: hello \u{1f44b}');
    await terminal.press('C-c');
    assert.deepEqual(await terminal.ended(), { code: 0, signal: undefined });
    assert.match(await terminal.raw(), /Goodbye\. The server and the bot end here, too\.\r\n/);
  });

  test('has the size that was asked for, and another when it is resized', async () => {
    await using terminal = await Terminal.start(['sh', '-c', 'stty size; read line; stty size'], {
      columns: 61,
      rows: 13,
    });
    await terminal.until('13 61');
    await terminal.resize(40, 10);
    await terminal.press('Enter');
    await terminal.until('10 40');
  });

  test('gives the program its environment, and not that of tmux', async () => {
    const script = 'echo "term=$TERM tmux=${TMUX-none} home=${HOME-none} word=$WORD"; read line';
    await using terminal = await Terminal.start(['sh', '-c', script], {
      env: { HOME: undefined, WORD: "it's" },
    });
    await terminal.until("term=tmux-256color tmux=none home=none word=it's");
  });

  test('tells how a program ended', async () => {
    await using failing = await Terminal.start(['sh', '-c', 'exit 3']);
    assert.deepEqual(await failing.ended(), { code: 3, signal: undefined });
    await using killed = await Terminal.start(['sh', '-c', 'kill -TERM $$']);
    assert.deepEqual(await killed.ended(), { code: undefined, signal: 15 });
  });
});
