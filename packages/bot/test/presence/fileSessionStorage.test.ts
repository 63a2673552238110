import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { BotError, FileSessionStorage } from '@quietroom/bot';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('sessions survive the process, in a file for nobody else', async (t) => {
  const folder = await folderOf(t);
  const path = join(folder, 'sessions.json');
  const storage = new FileSessionStorage<{ n: number }>(path);
  const session = { n: 1 };
  await storage.write('alice', { session, usedAt: 5 });
  session.n = 2;
  await Promise.all([
    storage.write('bob', { session: { n: 3 }, usedAt: 6 }),
    storage.write('carol', { session: { n: 4 }, usedAt: 7 }),
    storage.delete('carol'),
  ]);
  assert.deepEqual(await storage.read('alice'), { session: { n: 1 }, usedAt: 5 });

  const again = new FileSessionStorage<{ n: number }>(path);
  assert.deepEqual(await again.names(), ['alice', 'bob']);
  assert.deepEqual(await again.read('bob'), { session: { n: 3 }, usedAt: 6 });
  assert.deepEqual(await readdir(folder), ['sessions.json']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a name of the language is a name like any other', async (t) => {
  const path = join(await folderOf(t), 'sessions.json');
  await new FileSessionStorage<number>(path).write('__proto__', { session: 1, usedAt: 2 });
  assert.deepEqual(await new FileSessionStorage<number>(path).read('__proto__'), { session: 1, usedAt: 2 });
});

test('a file with other content is neither read nor replaced', async (t) => {
  const path = join(await folderOf(t), 'sessions.json');
  await writeFile(path, '[1]');
  const storage = new FileSessionStorage<number>(path);
  await assert.rejects(storage.write('alice', { session: 1, usedAt: 2 }), BotError);
  assert.equal(await readFile(path, 'utf8'), '[1]');
});
