import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { LogFile } from '#src/serve/logFile.js';
import { Folder } from '../harness/quietroom.js';

suite('LogFile', () => {
  test('adds to what is there, and leaves its mode', async () => {
    await using folder = await Folder.make();
    const path = await folder.write('x.log', 'old\n');
    const { mode } = statSync(path);
    const file = LogFile.open(path, assert.fail);
    file.write('new\n');
    assert.equal(readFileSync(path, 'utf8'), 'old\nnew\n');
    assert.equal(statSync(path).mode, mode);
    await file.close();
  });

  test('is made for its owner only, with its folder', async () => {
    await using folder = await Folder.make();
    const path = join(folder.path, 'a', 'b', 'x.log');
    await LogFile.open(path, assert.fail).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('that its owner may not write gets a mode with which it can be written', async (t) => {
    if (process.geteuid === undefined) return t.skip('there are no modes');
    await using folder = await Folder.make();
    const path = await folder.write('x.log', 'old\n');
    chmodSync(path, 0o110);
    const file = asOrdinaryUser([folder.path, path], () => LogFile.open(path, assert.fail));
    file.write('new\n');
    await file.close();
    assert.equal(readFileSync(path, 'utf8'), 'old\nnew\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('of another user keeps its mode, and cannot be opened', async (t) => {
    if (process.geteuid?.() !== 0) return t.skip('only root can make a file of another user');
    await using folder = await Folder.make();
    const path = await folder.write('x.log', '');
    chmodSync(path, 0o110);
    assert.throws(() => asOrdinaryUser([folder.path], () => LogFile.open(path, assert.fail)), {
      code: 'EACCES',
    });
    assert.equal(statSync(path).mode & 0o777, 0o110);
  });

  test('is refused in a folder that cannot exist', (t) => {
    if (!existsSync('/proc/self')) return t.skip('there is no /proc');
    assert.throws(() => LogFile.open('/proc/nosuch/folder/x.log', assert.fail), { code: 'ENOENT' });
  });

  test('writes to a new file once it is reopened, and no more when it is closed', async () => {
    await using folder = await Folder.make();
    const path = join(folder.path, 'x.log');
    const file = LogFile.open(path, assert.fail);
    file.write('one\n');
    renameSync(path, `${path}.1`);
    file.write('two\n');
    file.reopen();
    file.write('three\n');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), 'one\ntwo\n');
    assert.equal(readFileSync(path, 'utf8'), 'three\n');
    await file.close();
    file.write('four\n');
    file.reopen();
    file.write('five\n');
    assert.equal(readFileSync(path, 'utf8'), 'three\n');
  });

  test('complains once about a full disk, and loses what cannot be written', async (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    const complaints: string[] = [];
    const file = LogFile.open('/dev/full', (problem) => complaints.push(problem));
    file.write('one\n');
    file.write('two\n');
    await file.close();
    assert.deepEqual(complaints, [
      '/dev/full cannot be written (ENOSPC). Entries of the log are lost.',
      '/dev/full: 2 entries of the log are lost.',
    ]);
  });

  test('tells how much is lost when it can be written again', async (t) => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    await using folder = await Folder.make();
    const path = join(folder.path, 'x.log');
    symlinkSync('/dev/full', path);
    const complaints: string[] = [];
    const file = LogFile.open(path, (problem) => complaints.push(problem));
    file.write('one\n');
    file.write('two\n');
    rmSync(path);
    file.reopen();
    file.write('three\n');
    file.write('four\n');
    await file.close();
    assert.deepEqual(complaints.slice(1), [`${path} can be written again. 2 entries of the log are lost.`]);
    assert.equal(readFileSync(path, 'utf8'), 'three\nfour\n');
  });
});

/** Root may open every file, so as root `act` runs as another user, who owns `owned`. */
function asOrdinaryUser<T>(owned: readonly string[], act: () => T): T {
  if (process.geteuid?.() !== 0) return act();
  for (const path of owned) chownSync(path, 65_534, 65_534);
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
