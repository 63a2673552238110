import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { Folder, Running } from '../harness/quietroom.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PACKAGES = ['protocol', 'connector', 'server', 'conformance', 'bot', 'chat', 'cli'];

async function succeeds(command: string, args: readonly string[], cwd: string): Promise<string> {
  await using running = new Running(command, args, { cwd, env: { NODE_TEST_CONTEXT: undefined } });
  const { code, stdout, stderr } = await running.ended();
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

test('packed packages are enough: install the command, make a bot, install it, test it', async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const packed = PACKAGES.flatMap((name) => ['-w', `packages/${name}`]);
  await succeeds('npm', ['pack', '--silent', '--pack-destination', path, ...packed], ROOT);
  const tarballs = (await readdir(path)).map((name) => `${path}/${name}`);
  assert.equal(tarballs.length, PACKAGES.length);

  const quiet = ['--no-audit', '--no-fund', '--silent'];
  await succeeds('npm', ['install', ...quiet, '--prefix', `${path}/tools`, ...tarballs], path);
  await succeeds(`${path}/tools/node_modules/.bin/quietroom`, ['bot', 'new', 'my-bot'], path);
  const project = `${path}/my-bot`;
  const libraries = tarballs.filter((file) => /-(protocol|connector|bot)-/.test(file));
  const server = tarballs.filter((file) => /-server-/.test(file));
  await succeeds('npm', ['install', ...quiet, ...libraries, ...server], project);
  assert.match(await succeeds('npm', ['test'], project), /pass 1$/m);
});
