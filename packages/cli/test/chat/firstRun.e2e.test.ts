import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { firstIdentity } from '@quietroom/testing';
import { wordPairs } from '#src/pin/fingerprint.js';
import { Folder } from '../harness/quietroom.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

function chatIn({ path }: Folder): Promise<Terminal> {
  return Terminal.quietroom(['chat'], { cwd: path, env: { XDG_CONFIG_HOME: path } });
}

suite('the first run of quietroom chat', { skip: terminalSkip }, () => {
  test('asks for server, certificate and name, compares by words, and saves a profile', async () => {
    await using scene = await ChatScene.begin();
    await using folder = await Folder.make();
    await using alice = await chatIn(folder);
    await alice.until('1. Address of the server');
    await alice.enter('not an address');
    await alice.until('cannot be used.');
    await alice.enter(`127.0.0.1:${scene.port}`);
    await alice.until('2. File with its certificate');
    await alice.press('Enter');
    const asked = (await alice.until(/Pair \d+, as it is read to you:/)).join('\n');
    const number = Number(/Pair (\d+),/.exec(asked)?.[1]);
    const pairs = wordPairs(new X509Certificate(firstIdentity.certPem).fingerprint256);
    await alice.enter(pairs[number - 1] ?? '');
    await alice.until('3. Your name there');
    await alice.enter('alice');
    await alice.until('You are alice on 127.0.0.1');
    await alice.enter('/quit');
    assert.deepEqual(await alice.ended(), { code: 0, signal: undefined });
    const path = join(folder.path, 'quietroom', 'quietroom.config.json');
    const { profiles } = JSON.parse(await readFile(path, 'utf8'));
    assert.deepEqual(profiles['127.0.0.1'], {
      host: '127.0.0.1',
      port: scene.port,
      cert: '127.0.0.1.pem',
      username: 'alice',
    });
    assert.equal((await stat(path)).mode & 0o777, 0o600);

    await using again = await chatIn(folder);
    await again.until('You are alice on 127.0.0.1');
  });

  test('takes the certificate from a file; Ctrl-C saves nothing', async () => {
    await using scene = await ChatScene.begin();
    await using folder = await Folder.make();
    const cert = await folder.write('given.pem', firstIdentity.certPem);
    await using alice = await chatIn(folder);
    await alice.until('1. Address');
    await alice.enter(`127.0.0.1:${scene.port}`);
    await alice.until('2. File');
    await alice.enter(cert);
    await alice.until('3. Your name there');
    await alice.press('C-c');
    assert.equal((await alice.ended()).code, 0);
    await assert.rejects(stat(join(folder.path, 'quietroom', 'quietroom.config.json')));
  });
});
