import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { barText, ProgressBar } from '#src/output/progressBar.js';
import { SEND_FILE_FIELDS } from '#src/send/sendResult.js';
import { assertOneLine, Folder, quietroom } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { runHere } from '../harness/runHere.js';

suite('quietroom send --file', () => {
  test('sends a file, says nothing, and ends with 0 when the recipient has it', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const path = await folder.write('my report.txt', 'all is well');
    const alice = await room.join('alice');
    const received = new Promise((resolve) => {
      alice.connector.onFileOffer((offer) => resolve(offer.accept({ path: join(folder.path, 'got') })));
    });
    const { code, stdout, stderr } = await runHere(room.args('send', '--to', 'alice', '--file', path));
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
    await received;
    assert.equal(await readFile(join(folder.path, 'got'), 'utf8'), 'all is well');
  });

  test('tells with --json what was sent, by which name', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const path = await folder.write('a.txt', 'hello');
    const alice = await room.join('alice');
    alice.connector.onFileOffer((offer) => offer.accept({ memory: true }));
    const args = room.args('send', '--to', 'alice', '--file', path, '--name', 'b.txt', '--json');
    const { code, stdout } = await runHere(args);
    assert.equal(code, 0);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(result), Object.keys(SEND_FILE_FIELDS));
    assert.deepEqual(
      [result['status'], result['name'], result['bytes'], result['sha256'], result['exitCode']],
      ['sent', 'b.txt', 5, '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 0],
    );
  });

  test('a file that is declined is refused, with --json too', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const path = await folder.write('a.txt', 'hello');
    await room.join('alice');
    const { code, stdout, stderr } = await runHere(
      room.args('send', '--to', 'alice', '--file', path, '--json'),
    );
    assert.equal(code, 8);
    assertOneLine(stderr, /"alice" declined "a.txt"/);
    const { status, reason } = JSON.parse(stdout) as { status: string; reason: string };
    assert.deepEqual([status, reason], ['failed', 'FILE_DECLINED']);
  });

  const WRONG = [
    { args: ['--to', 'nobody', '--file', 'a.txt'], code: 7, says: /"nobody" is not online/ },
    { args: ['--to', 'alice', '--file', 'none.txt'], code: 1, says: /none\.txt/ },
    { args: ['--to', 'alice', '--file', 'empty.txt'], code: 8, says: /no bytes/ },
    { args: ['--to', 'alice', '--file', '.'], code: 1, says: /folder|directory|regular/ },
    { args: ['--lobby', '--file', 'a.txt'], code: 2, says: /one person: give --to/ },
    { args: ['--to', 'alice', '--name', 'x'], code: 2, says: /give --file/ },
    { args: ['--to', 'alice', '--file', 'a.txt', 'text'], code: 2, says: /either a text or a file/ },
  ];
  for (const { args, code, says } of WRONG) {
    test(`ends with ${code} for ${args.join(' ')}`, async () => {
      await using room = await Room.open();
      await using folder = await Folder.make();
      await folder.write('a.txt', 'hello');
      await folder.write('empty.txt', '');
      await room.join('alice');
      const outcome = await runHere(room.args('send', ...args), { cwd: folder.path });
      assertOneLine(outcome.stderr, says);
      assert.equal(outcome.code, code);
    });
  }

  test('Ctrl-C withdraws the offer', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const path = await folder.write('a.txt', 'hello');
    const alice = await room.join('alice');
    const offered = new Promise<AbortSignal>((resolve) => {
      alice.connector.onFileOffer((offer) => resolve(offer.withdrawn));
    });
    await using sending = quietroom(room.args('send', '--to', 'alice', '--file', path));
    const withdrawn = await offered;
    sending.signal('SIGINT');
    const { code, stderr } = await sending.ended();
    assert.equal(code, 1);
    assertOneLine(stderr, /It was interrupted/);
    if (!withdrawn.aborted) {
      await new Promise((resolve) => {
        withdrawn.addEventListener('abort', resolve);
      });
    }
  });

  test(
    'on a terminal a bar shows that it waits, and is gone at the end',
    { skip: terminalSkip },
    async () => {
      await using room = await Room.open();
      await using folder = await Folder.make();
      const path = await folder.write('a.txt', 'hello');
      const alice = await room.join('alice');
      const offers: (() => unknown)[] = [];
      alice.connector.onFileOffer((offer) => void offers.push(() => offer.accept({ memory: true })));
      await using terminal = await Terminal.quietroom(room.args('send', '--to', 'alice', '--file', path));
      await terminal.until(/Offered; waiting until it is accepted/);
      offers[0]?.();
      assert.equal((await terminal.ended()).code, 0);
      assert.doesNotMatch((await terminal.capture()).join('\n'), /Offered|Sending|Sent/);
    },
  );
});

suite('a progress bar', () => {
  test('tells what happens, how far it is and how large it all is', () => {
    assert.equal(
      barText({ stage: 'transferring', bytes: 2_000_000, totalBytes: 10_000_000 }),
      `Sending [${'#'.repeat(6)}${' '.repeat(24)}]  20 %  2.0 of 10.0 MB`,
    );
    assert.equal(
      barText({ stage: 'offered', bytes: 0, totalBytes: 5 }),
      'Offered; waiting until it is accepted ...',
    );
  });

  test('is drawn on a terminal only, within its width, and cleared', () => {
    for (const isTTY of [true, false]) {
      const written: string[] = [];
      const bar = new ProgressBar({ isTTY, columns: 20, write: (text) => written.push(text) });
      bar.show({ stage: 'transferring', bytes: 1, totalBytes: 2 });
      bar.clear();
      bar.clear();
      assert.deepEqual(written, isTTY ? ['\r\x1b[KSending [##########', '\r\x1b[K'] : []);
    }
  });
});
