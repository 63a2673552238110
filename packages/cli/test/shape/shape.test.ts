import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

test('shape watches its own connection with the cover of the settings, as JSON and as a picture', async () => {
  await using folder = await Folder.make();
  await folder.write('cert.pem', firstIdentity.certPem);
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, decoyTraffic: false });
  const at = ['--host', '127.0.0.1', '--port', String(server.port), '--cert', 'cert.pem'];
  const { code, stdout, stderr } = await runHere(
    ['shape', ...at, '--cover', 'steady:0.1', '--seconds', '2', '--json', '--svg', 'shape.svg'],
    { cwd: folder.path },
  );
  assert.equal(code, 0, stderr);
  const found: unknown = JSON.parse(stdout);
  assert.ok(typeof found === 'object' && found !== null && 'up' in found && 'v' in found);
  assert.equal(found.v, 1);
  const up = found.up as { records: number; sizes: { bytes: number }[] };
  assert.ok(up.records > 1);
  assert.deepEqual(
    up.sizes.map(({ bytes }) => bytes),
    [512 + 1 + 16],
  );
  assert.match(await readFile(`${folder.path}/shape.svg`, 'utf8'), /^<svg /);
  await server.close();
});

test('shape tells why the port of the tap cannot be used', async () => {
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
  const { code, stderr } = await runHere(['shape', '--tap', String(server.port)]);
  assert.equal(code, 1);
  assert.match(stderr, /cannot listen on 127\.0\.0\.1.*EADDRINUSE/);
  await server.close();
});

test('the cover of a command is checked', async () => {
  for (const cover of ['loud', 'steady:20', 'steady:0.5:never']) {
    const { code, stderr } = await runHere(['users', '--cover', cover]);
    assert.equal(code, 2);
    assert.match(stderr, /steady with its options/);
  }
});
