import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import test, { suite } from 'node:test';
import { eventually, Folder, MAIN, quietroom } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';

const FULL = '/dev/full';
const skip = existsSync(FULL) ? false : `there is no ${FULL}`;

/** Runs a command whose standard output is a full device. */
async function runIntoFull(args: readonly string[], cwd?: string): Promise<{ code: number; stderr: string }> {
  const full = openSync(FULL, 'w');
  try {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = await once(child, 'close');
    return { code: Number(code), stderr };
  } finally {
    closeSync(full);
  }
}

suite('A full device for standard output', { skip }, () => {
  const LOCAL = [['--help'], ['--version'], ['completion', 'bash'], ['pin', 'show', 'chat_public.pem']];
  for (const args of LOCAL) {
    test(`makes quietroom ${args.join(' ')} fail with one line`, async () => {
      await using folder = await Folder.withIdentity();
      const { code, stderr } = await runIntoFull(args, folder.path);
      assert.equal(
        stderr,
        'quietroom: Standard output cannot be written (ENOSPC). The output is incomplete.\n',
      );
      assert.equal(code, 1);
    });
  }

  const REMOTE = [['users'], ['rooms', '--json'], ['members'], ['doctor'], ['echo', '--print-config']];
  for (const [command = '', ...args] of REMOTE) {
    test(`makes quietroom ${[command, ...args].join(' ')} fail`, async () => {
      await using room = await Room.open();
      await room.joinRoom('alice', '#tea');
      await room.join('bob');
      const { code, stderr } = await runIntoFull(room.args(command, ...args));
      assert.match(stderr, /^quietroom: Standard output cannot be written \(ENOSPC\)/m);
      assert.equal(code, 1);
    });
  }

  test('ends quietroom listen at the first message', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const listening = runIntoFull(room.args('listen', '--username', 'monitor', '--json'));
    await eventually('it listens', () => room.names.includes('monitor'));
    await alice.connector.sendDm('monitor', 'hello');
    const { code, stderr } = await listening;
    assert.match(stderr, /Standard output cannot be written/);
    assert.equal(code, 1);
    assert.equal(await room.farewell('monitor'), 'quit');
  });
});

test('A reader that has gone ends a command quietly', { skip: process.platform === 'win32' }, async () => {
  await using running = quietroom(['--help']);
  running.child.stdout?.destroy();
  const { code, stderr } = await running.ended();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
});
