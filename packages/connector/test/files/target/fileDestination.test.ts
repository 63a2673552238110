import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { destinationAt, destinationInFolder, place } from '#src/files/target/destination.js';
import { openTarget } from '#src/files/target/fileTarget.js';
import { openIn, scratchFolder } from '../scratchFolder.js';

/** What systems without hard links answer. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EMLINK', 'EACCES'];

async function refuseLink(code: string): Promise<never> {
  throw Object.assign(new Error(code), { code, syscall: 'link' });
}

const noLink = (): Promise<never> => refuseLink('EPERM');

function partIn(folder: string): string {
  const part = join(folder, 'new.part');
  writeFileSync(part, 'new');
  return part;
}

for (const code of NO_LINKS) {
  test(`A file gets its name where links are refused with ${code}`, async (t) => {
    const folder = scratchFolder(t);
    const path = await place(partIn(folder), await destinationInFolder(folder, 'a.txt'), () =>
      refuseLink(code),
    );
    assert.equal(path, join(folder, 'a.txt'));
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['a.txt']);
  });
}

test('Without links, too, nothing is replaced', async (t) => {
  const folder = scratchFolder(t);
  const destination = await destinationAt(join(folder, 'a.txt'));
  symlinkSync('nowhere', join(folder, 'a.txt'));
  writeFileSync(join(folder, 'a (2).txt'), '');
  const part = partIn(folder);
  await assert.rejects(place(part, destination, noLink), { code: 'FILE_EXISTS' });
  assert.equal(
    await place(part, await destinationInFolder(folder, 'a.txt'), noLink),
    join(folder, 'a (3).txt'),
  );
  assert.deepEqual(readdirSync(folder).sort(), ['a (2).txt', 'a (3).txt', 'a.txt']);
  assert.equal(readFileSync(join(folder, 'a (2).txt'), 'utf8'), '');
});

test('Without links, a part that is gone leaves no empty file', async (t) => {
  const folder = scratchFolder(t);
  const destination = await destinationInFolder(folder, 'a.txt');
  await assert.rejects(place(join(folder, 'none'), destination, noLink), { code: 'ENOENT' });
  assert.deepEqual(readdirSync(folder), []);
});

test('After a thousand names it fails', async (t) => {
  const folder = scratchFolder(t);
  const tried: string[] = [];
  await assert.rejects(
    place(partIn(folder), await destinationInFolder(folder, 'a.txt'), (_part, path) => {
      tried.push(path);
      return refuseLink('EEXIST');
    }),
    { code: 'FILE_EXISTS' },
  );
  assert.deepEqual([tried.length, tried.at(-1)], [1000, join(folder, 'a (1000).txt')]);
});

test('a folder is made with its parents; one that the system does not make is an error', async (t) => {
  const folder = join(scratchFolder(t), 'a', 'b');
  assert.equal((await destinationInFolder(`${folder}/`, 'x')).folder, folder);
  assert.ok(statSync(folder).isDirectory());
  await destinationInFolder(`${folder}/`, 'x');
  if (!existsSync('/proc/self')) return;
  await assert.rejects(destinationInFolder('/proc/nosuch/folder/', 'x'), { code: 'ENOENT' });
});

/** A disk of 1 MiB; undefined where this user may not mount one. */
function smallDisk(t: TestContext): string | undefined {
  const folder = join(scratchFolder(t), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return folder;
}

function unmount(folder: string): void {
  execFileSync('umount', [folder]);
}

for (const finding of ['folder', 'path'] as const) {
  test(`A disk that becomes full ends a transfer to a ${finding}, and gets its room back`, async (t) => {
    const folder = smallDisk(t);
    if (folder === undefined) return t.skip('mounts need root');
    try {
      const target = finding === 'folder' ? { folder } : { path: join(folder, 'x') };
      // The last piece goes to the disk in part.
      const size = 1024 * 1024;
      writeFileSync(join(folder, 'old'), Buffer.alloc(100_000));
      const opened = await openTarget(target, { name: 'a' });
      await opened.expect(size);
      await assert.rejects(
        async () => {
          for (let at = 0; at < size; at += 4096) await opened.write(Buffer.alloc(4096));
          await opened.finish();
        },
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'FILE_TARGET_FAILED');
          assert.match(error.message, /the disk is full: make room/);
          assert.ok(error.cause instanceof Error && 'code' in error.cause);
          assert.equal(error.cause.code, 'ENOSPC');
          return true;
        },
      );
      assert.deepEqual(readdirSync(folder), ['old']);
      assert.deepEqual(openIn(folder) ?? [], []);
      writeFileSync(join(folder, 'old'), Buffer.alloc(size));
    } finally {
      unmount(folder);
    }
  });
}

test('A file of just the room that is left fits', async (t) => {
  const folder = smallDisk(t);
  if (folder === undefined) return t.skip('mounts need root');
  try {
    const size = 1024 * 1024;
    const opened = await openTarget({ folder }, { name: 'a' });
    await opened.expect(size);
    await opened.write(Buffer.alloc(size, 'x'));
    const { path = '' } = await opened.finish();
    assert.deepEqual(readFileSync(path), Buffer.alloc(size, 'x'));
  } finally {
    unmount(folder);
  }
});

test('A folder that may not be written is refused at the start', async (t) => {
  const folder = join(scratchFolder(t), 'closed');
  mkdirSync(folder);
  chmodSync(folder, 0o555);
  // Root may write anywhere.
  const { geteuid, seteuid } = process;
  const isRoot = geteuid?.() === 0;
  if (geteuid === undefined) return t.skip('a system without such permissions');
  chmodSync(join(folder, '..'), 0o755);
  if (isRoot) seteuid?.(65_534);
  try {
    for (const target of [{ folder }, { path: join(folder, 'x') }]) {
      await assert.rejects(openTarget(target, { name: 'a' }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'FILE_TARGET_FAILED');
        assert.match(error.message, /may not write there/);
        assert.ok(error.cause instanceof Error && 'code' in error.cause);
        assert.equal(error.cause.code, 'EACCES');
        return true;
      });
    }
  } finally {
    if (isRoot) seteuid?.(0);
  }
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});
