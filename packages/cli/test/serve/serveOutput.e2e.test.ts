import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { eventually, Folder, MAIN, Person, quietroom } from '../harness/quietroom.js';
import { client } from './serving.js';

const noFull = existsSync('/dev/full') ? false : 'there is no /dev/full';
const noPipes = spawnSync('mkfifo', ['--version']).error ? 'there is no mkfifo' : false;

/** The port in the log entry `listening`. */
function portIn(log: string): string {
  return /"event":"listening".*"port":(\d+)/.exec(log)?.[1] ?? '';
}

async function talkThrough(port: string): Promise<void> {
  for (const username of ['one', 'two', 'three']) {
    await using person = await Person.connect({ username, ...client(port) });
    assert.equal((await person.connector.sendDm(username, 'hello')).status, 'accepted');
  }
}

suite('quietroom serve lives on', () => {
  test(
    'when its log goes to a full device, complains once and tells what was lost',
    { skip: noFull },
    async () => {
      await using folder = await Folder.withIdentity();
      const full = openSync('/dev/full', 'w');
      const args = ['serve', '--dir', folder.path, '--port', '0', '--log-format', 'json'];
      const child = spawn(process.execPath, [MAIN, ...args], {
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await eventually('it complains', () => stderr.includes('Standard output cannot be written (ENOSPC)'));
      assert.equal(child.exitCode, null);
      child.kill('SIGTERM');
      await once(child, 'close');
      assert.equal(stderr.match(/cannot be written/g)?.length, 1);
      assert.match(stderr, /Standard output: \d+ entries of the log are lost\./);
    },
  );

  test('when the reader of its log has gone', async () => {
    await using folder = await Folder.withIdentity();
    await using server = quietroom(['serve', '--dir', folder.path, '--port', '0', '--log-format', 'json']);
    await server.until(/"event":"serving"/);
    const port = portIn(server.stdout);
    server.child.stdout?.destroy();
    await talkThrough(port);
    await eventually('it complains', () => server.stderr.includes('cannot be written (EPIPE)'));
    await talkThrough(port);
    server.signal('SIGTERM');
    const { code, stderr } = await server.ended();
    assert.equal(code, 0);
    assert.equal(stderr.match(/cannot be written/g)?.length, 1);
    assert.match(stderr, /\d+ entries of the log are lost/);
  });

  test(
    'when its log file is a named pipe that nobody reads, which keeps the first lines',
    { skip: noPipes },
    async () => {
      await using folder = await Folder.withIdentity();
      const pipe = join(folder.path, 'log');
      spawnSync('mkfifo', [pipe]);
      await using server = quietroom(['serve', '--dir', folder.path, '--port', '0', '--log-file', pipe]);
      const [, port = ''] = await server.until(/on 127\.0\.0\.1:(\d+)/);
      await talkThrough(port);
      const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
      const buffer = Buffer.alloc(65536);
      const read = readSync(reader, buffer);
      closeSync(reader);
      assert.match(buffer.toString('utf8', 0, read), /"event":"listening"/);
      server.signal('SIGTERM');
      assert.equal((await server.ended()).code, 0);
    },
  );
});

test('The last lines of the log reach a reader that is late', async () => {
  await using folder = await Folder.withIdentity();
  await using server = quietroom(['serve', '--dir', folder.path, '--port', '0', '--log-format', 'json']);
  await server.until(/"event":"serving"/);
  const port = portIn(server.stdout);
  server.child.stdout?.pause();
  await talkThrough(port);
  server.signal('SIGTERM');
  server.child.stdout?.resume();
  const { code, stdout, stderr } = await server.ended();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.equal(stdout.match(/"event":"closed"/g)?.length, 3);
});
