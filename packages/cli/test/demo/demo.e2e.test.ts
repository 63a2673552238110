import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { suite } from 'node:test';
import type { Partner } from '#src/demo/demoScript.js';
import { scriptedTalk } from '#src/demo/demoScript.js';
import { Failure } from '#src/failures/failure.js';
import { eventually, MAIN, quietroom, Running, runToEnd } from '../harness/quietroom.js';

// script(1) makes the pseudo-terminal: of util-linux, always there on Debian; others have other options.
const PTY = 'script';
const HAS_PTY = /util-linux/.test(spawnSync(PTY, ['--version'], { encoding: 'utf8' }).stdout ?? '');

suite('quietroom demo', () => {
  test('without a terminal it runs a conversation, prints it and ends with 0', async () => {
    const { code, stdout, stderr } = await runToEnd(['demo']);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const said = [...stdout.matchAll(/^You: (.*)$/gm)].map((match) => match[1]);
    const answered = [...stdout.matchAll(/^EchoBot: Echo: (.*)$/gm)].map((match) => match[1]);
    assert.equal(said.length, 3);
    assert.deepEqual(answered, said);
  });

  test('input that is no terminal is not read', async () => {
    await using demo = quietroom(['demo']);
    demo.write('secret\n');
    const { code, stdout } = await demo.ended();
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /secret/);
  });

  test('SIGINT while it starts ends it with 0', async () => {
    await using demo = quietroom(['demo']);
    await demo.until(/^Starting/);
    demo.signal('SIGINT');
    const { code, stderr } = await demo.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  const skip = HAS_PTY ? false : 'needs script(1) of util-linux, which makes the pseudo-terminal';
  for (const [name, keys] of [
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
    ['/quit', '/quit\r'],
  ] as const) {
    test(`on a terminal what is typed is echoed, and ${name} ends it`, { skip }, async () => {
      await using terminal = onTerminal();
      const [, pid] = await terminal.until(/pid=(\d+)/);
      await terminal.until(/You: /);
      terminal.write('hello \u{1f44b}\r');
      await terminal.until(/EchoBot: Echo: hello \u{1f44b}/u);
      terminal.write('/help me\r');
      await terminal.until(/EchoBot: Echo: \/help me/);
      terminal.write(keys);
      const { code, stdout } = await terminal.ended();
      assert.match(stdout, /Goodbye/);
      assert.equal(code, 0);
      assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
    });
  }

  test('on a terminal a text that is too long for one message comes back in several', { skip }, async () => {
    await using terminal = onTerminal();
    await terminal.until(/You: /);
    terminal.write(`${'x'.repeat(4096)}\r`);
    await terminal.until(/EchoBot: x{1000}/);
    terminal.write('short\r');
    await terminal.until(/EchoBot: Echo: short/);
    terminal.write('\x03');
    assert.equal((await terminal.ended()).code, 0);
  });
});

suite('scriptedTalk', () => {
  const silent: Partner = { name: 'EchoBot', say: () => Promise.resolve(), onReply: () => {} };

  test('fails when no echo comes', async () => {
    await assert.rejects(scriptedTalk(silent, new AbortController(), 1), (error) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.exitCode, 1);
      assert.match(error.message, /EchoBot did not answer within 0.001 s/);
      return true;
    });
  });

  test('fails when the answer is no echo', async () => {
    const deaf: Partner = { ...silent, onReply: (callback) => void setImmediate(() => callback('What?')) };
    await assert.rejects(scriptedTalk(deaf, new AbortController()), /did not echo/);
  });

  test('ends when it is stopped while it waits', async () => {
    const stop = new AbortController();
    let waiting = false;
    const talk = scriptedTalk({ ...silent, onReply: () => (waiting = true) }, stop);
    const ended = assert.rejects(talk, { name: 'AbortError' });
    await eventually('it waits', () => waiting);
    stop.abort();
    await ended;
  });
});

/** The demo on a pseudo-terminal; says its process id first. */
function onTerminal(): Running {
  const command = 'echo "pid=$$"; exec "$QUIETROOM_NODE" "$QUIETROOM_MAIN" demo';
  return new Running(PTY, ['-qec', command, '/dev/null'], {
    env: { QUIETROOM_NODE: process.execPath, QUIETROOM_MAIN: MAIN, SHELL: '/bin/sh', TERM: 'xterm' },
  });
}
