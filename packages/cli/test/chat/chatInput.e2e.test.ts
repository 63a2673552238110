import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { eventually } from '../harness/quietroom.js';
import { terminalSkip } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

suite('input of quietroom chat', { skip: terminalSkip }, () => {
  test('a long message is read whole after Ctrl-O, and the reason of a failure stays in sight', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage(
      Array.from({ length: 300 }, (_, number) => `line ${number}`).join('\n'),
    );
    await alice.until('… 250 more rows: Ctrl-O unfolds');
    await alice.press('C-o');
    await alice.until('line 299');
    await alice.press('PageUp');
    await alice.until(/line 279\n ● /);
    await alice.press('End');
    await alice.until('line 299');
    await alice.enter('/msg nobody hello');
    await alice.until('Not delivered: nobody is not online.');
  });

  test('a paste that is too long is refused with a reason', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await alice.paste('x'.repeat(120_000));
    await alice.until('too long to paste: 120,000 characters of 100,000; /send FILE');
    await alice.enter('still here');
    await alice.until('✓ still here');
  });

  test('a paste without an end says so, and Ctrl-C ends it', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await alice.answer('\x1b[200~');
    await alice.type('lost');
    await alice.until('pasting 4 characters; Ctrl-C ends it');
    await alice.press('C-c');
    await alice.until('› lost');
    await alice.press('C-c');
    await alice.until('Ctrl-C again leaves the chat');
    // It ages by itself.
    await alice.until(/\/help\n› Write to Lobby/);
  });

  test('answers of the terminal are not typed', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    const answers = ['\x1b]11;rgb:ffff/ffff/ffff\x1b\\', '\x1b[?62;22c', '\x1b[24;80R'].join('');
    await alice.answer(answers);
    await alice.enter('clean');
    const rows = await alice.until('✓ clean');
    assert.doesNotMatch(rows.join('\n'), /rgb|62;22|24;80/);
  });

  test('the background that the terminal tells decides the colours', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat([], { env: { COLORFGBG: '15;0' } });
    const bars = async (): Promise<string> => (await alice.captureStyled()).at(-2) ?? '';
    assert.match(await bars(), /48;5;236/);
    assert.match(await alice.raw(), /\p{Cc}\]11;\?/u);
    await alice.answer('\x1b]11;rgb:ffff/ffff/ffff\x1b\\');
    await eventually('the bar is light', async () => /48;5;254/.test(await bars()));
    await alice.enter('/theme mono');
    await eventually('no colour is left', async () => !/48;5/.test(await bars()));
  });

  test('an unknown theme is refused with the names', async () => {
    await using scene = await ChatScene.begin();
    const { code, stderr } = await scene.plain(['--theme', 'neon']).ended();
    assert.equal(code, 2);
    assert.match(stderr, /neon.*default, dark, light, contrast, mono/);
  });

  test('pasted tabs keep their columns and arrive as tabs', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await alice.paste('if\tx');
    await alice.until('› if      x');
    await alice.press('Enter');
    await bob.hearsText(/alice: if\tx$/);
  });

  test('a terminal that tells no size has 80 by 24', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat([], { columns: 80, rows: 24, isSizeUnknown: true });
    assert.match((await alice.until('Write to Lobby'))[23] ?? '', /^› /);
  });
});
