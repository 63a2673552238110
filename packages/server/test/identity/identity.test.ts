import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity, loadRecording, secondIdentity } from '@quietroom/testing';
import { makeCertificate } from '#src/identity/certificate.js';
import { resolveIdentity } from '#src/identity/identity.js';
import { keepIdentity } from '#src/identity/identityFolder.js';
import { LogBook } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const KEY = 'server_private.pem';
const CERT = 'chat_public.pem';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** The DER's tags and lengths, and its values except those that differ between certificates by their nature. */
function shapeOf(pem: string): string[] {
  const shape: string[] = [];
  const walk = (der: Buffer, depth: number): void => {
    for (let at = 0; at < der.length;) {
      const tag = der.readUInt8(at);
      const short = der.readUInt8(at + 1);
      const lengthBytes = short < 128 ? 0 : short & 127;
      const length = short < 128 ? short : der.readUIntBE(at + 2, lengthBytes);
      const start = at + 2 + lengthBytes;
      const value = der.subarray(start, start + length);
      const isConstructed = (tag & 0x20) !== 0;
      // Key and signature (bit strings), times, and the key identifier.
      const differs = tag === 0x03 || tag === 0x17 || (tag === 0x04 && length === 22);
      shape.push(`${depth} ${tag} ${length} ${isConstructed || differs ? '' : value.toString('hex')}`);
      if (isConstructed) walk(value, depth + 1);
      at = start + length;
    }
  };
  walk(new X509Certificate(pem).raw, 0);
  return shape;
}

test('The certificate is built exactly like that of an existing server', async () => {
  const { certPem, keyPem } = await makeCertificate();
  assert.deepEqual(shapeOf(certPem), shapeOf(loadRecording('v1.2-conversation').certPem));

  const certificate = new X509Certificate(certPem);
  assert.ok(certificate.verify(certificate.publicKey), 'signed by its own key');
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  assert.equal(certificate.subject, 'O=Private Chat\nCN=Self-Hosted Chat Server');
  assert.equal(certificate.serialNumber, '01');
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 4096);
  const from = new Date(certificate.validFrom);
  assert.ok(from.getTime() <= Date.now());
  from.setUTCFullYear(from.getUTCFullYear() + 10);
  assert.equal(new Date(certificate.validTo).getTime(), from.getTime());
});

test('An identity in a folder is made once and kept, the key for its owner only', async (t) => {
  const folder = join(await makeFolder(t), 'new', 'folder');
  const options = { port: 0, identityFolder: folder };
  await using first = await QuietRoomServer.start(options);
  await first.close();
  await using second = await QuietRoomServer.start(options);
  assert.equal(second.certPem, first.certPem);
  assert.equal(second.certPem, await readFile(join(folder, CERT), 'utf8'));
  await WireClient.login(second, 'alice');

  assert.deepEqual((await readdir(folder)).sort(), [CERT, KEY]);
  if (process.platform === 'win32') return;
  assert.equal((await stat(join(folder, KEY))).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, CERT))).mode & 0o133, 0);
});

test('A pair of files that is there already is taken over', async (t) => {
  const folder = await makeFolder(t);
  // As an existing server may have written it: another key format, other line ends.
  const pkcs1 = createPrivateKey(firstIdentity.keyPem).export({ type: 'pkcs1', format: 'pem' });
  await writeFile(join(folder, KEY), pkcs1, { mode: 0o644 });
  await writeFile(join(folder, CERT), firstIdentity.certPem.replaceAll('\n', '\r\n'));
  await using server = await QuietRoomServer.start({ port: 0, identityFolder: folder });
  await WireClient.login(server, 'alice');
  assert.equal(await readFile(join(folder, KEY), 'utf8'), pkcs1);
  if (process.platform === 'win32') return;
  assert.equal((await stat(join(folder, KEY))).mode & 0o777, 0o600, 'for its owner only from now on');
});

for (const [found, missing] of [
  [KEY, CERT],
  [CERT, KEY],
] as const) {
  test(`A folder with ${found} but no ${missing} is refused and left alone`, async (t) => {
    const folder = await makeFolder(t);
    await writeFile(join(folder, found), 'mine');
    await assert.rejects(QuietRoomServer.start({ port: 0, identityFolder: folder }), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'IDENTITY_INCOMPLETE');
      assert.ok(error.message.includes(`has ${found} but no ${missing}`));
      return true;
    });
    assert.deepEqual(await readdir(folder), [found]);
    assert.equal(await readFile(join(folder, found), 'utf8'), 'mine');
  });
}

test('Of several starts in one new folder at once, all use the same identity', async (t) => {
  const folder = await makeFolder(t);
  let made = 0;
  const identities = [firstIdentity, secondIdentity, firstIdentity, secondIdentity];
  const kept = await Promise.all(
    identities.map((identity) =>
      keepIdentity(folder, async () => {
        made++;
        return Promise.resolve(identity);
      }),
    ),
  );
  assert.ok(made > 1, 'more than one was made');
  const certPem = await readFile(join(folder, CERT), 'utf8');
  for (const identity of kept) assert.equal(identity.certPem, certPem);
  assert.deepEqual((await readdir(folder)).sort(), [CERT, KEY]);
});

test('An identity that appears while another is made is not overwritten', async (t) => {
  const folder = await makeFolder(t);
  const kept = await keepIdentity(folder, async () => {
    await writeFile(join(folder, KEY), secondIdentity.keyPem);
    await writeFile(join(folder, CERT), secondIdentity.certPem);
    return firstIdentity;
  });
  assert.deepEqual(kept, secondIdentity);
  assert.deepEqual((await readdir(folder)).sort(), [CERT, KEY]);
});

test('The pair of another process is awaited when only one file is there for a moment', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, KEY), secondIdentity.keyPem);
  const kept = keepIdentity(folder, () => Promise.resolve(firstIdentity));
  // Time enough to find the one file alone, and less than is waited for the other.
  await pause(50);
  await writeFile(join(folder, CERT), secondIdentity.certPem);
  assert.deepEqual(await kept, secondIdentity);
});

test('A new key is taken back when its certificate has no place', async (t) => {
  const folder = await makeFolder(t);
  const made = keepIdentity(folder, async () => {
    await writeFile(join(folder, CERT), 'appeared meanwhile');
    return firstIdentity;
  });
  await assert.rejects(made, { code: 'IDENTITY_INCOMPLETE' });
  assert.deepEqual(await readdir(folder), [CERT]);
});

test("A file where the folder should be is Node's own error", async (t) => {
  const file = join(await makeFolder(t), 'file');
  await writeFile(file, '');
  await assert.rejects(QuietRoomServer.start({ port: 0, identityFolder: file }), { code: 'EEXIST' });
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
for (const [what, identity, code] of [
  ['of two pairs', { ...firstIdentity, keyPem: secondIdentity.keyPem }, 'IDENTITY_MISMATCH'],
  ['without a readable certificate', { ...firstIdentity, certPem: 'x' }, 'IDENTITY_INVALID'],
  ['without a readable key', { ...firstIdentity, keyPem: 'x' }, 'IDENTITY_INVALID'],
  ['for another algorithm', { ...firstIdentity, keyPem: ec.toString() }, 'IDENTITY_INVALID'],
] as const) {
  test(`An identity ${what} is refused`, async (t) => {
    await assert.rejects(QuietRoomServer.start({ port: 0, identity }), { name: 'ServerError', code });
    const folder = await makeFolder(t);
    await writeFile(join(folder, KEY), identity.keyPem);
    await writeFile(join(folder, CERT), identity.certPem);
    await assert.rejects(QuietRoomServer.start({ port: 0, identityFolder: folder }), { code });
  });
}

/** The number of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

const UUID = '01234567-89ab-cdef-0123-456789abcdef';

test('Drafts of a process that was killed are removed at the next start', async (t) => {
  const folder = await makeFolder(t);
  for (const name of [KEY, CERT]) await writeFile(join(folder, `${name}.${endedPid()}.${UUID}.tmp`), 'half');
  const running = `${KEY}.${process.pid}.${UUID}.tmp`;
  await writeFile(join(folder, running), 'another start');
  await writeFile(join(folder, `${KEY}.old.tmp`), 'of the user');
  await keepIdentity(folder, () => Promise.resolve(firstIdentity));
  assert.deepEqual((await readdir(folder)).sort(), [CERT, KEY, running, `${KEY}.old.tmp`].sort());
});

test('A start that was killed between key and certificate is completed by the next', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, KEY), firstIdentity.keyPem);
  const pid = endedPid();
  await writeFile(join(folder, `${CERT}.${pid}.${UUID}.tmp`), secondIdentity.certPem);
  await writeFile(join(folder, `${CERT}.${pid}.${UUID.replace('0', '1')}.tmp`), firstIdentity.certPem);
  const { certPem } = await keepIdentity(folder, assert.fail);
  assert.equal(certPem, firstIdentity.certPem);
  assert.deepEqual((await readdir(folder)).sort(), [CERT, KEY]);
});

test('A key that is a link to another file leaves that file as it is', async (t) => {
  const folder = await makeFolder(t);
  const notes = join(folder, 'notes.txt');
  await writeFile(notes, 'not a key');
  await chmod(notes, 0o644);
  await symlink(notes, join(folder, KEY));
  await writeFile(join(folder, CERT), firstIdentity.certPem);
  await assert.rejects(resolveIdentity({ identity: undefined, identityFolder: folder }), {
    code: 'IDENTITY_INVALID',
  });
  assert.equal((await stat(notes)).mode & 0o777, 0o644);
});

test('A folder that cannot exist is refused', { skip: !existsSync('/proc/self') }, async () => {
  await assert.rejects(keepIdentity('/proc/nosuch/folder', assert.fail), { code: 'ENOENT' });
});

test('The identity in memory is made once for all servers of a process', async () => {
  const nothing = { identity: undefined, identityFolder: undefined };
  const [first, second] = await Promise.all([resolveIdentity(nothing), resolveIdentity(nothing)]);
  assert.equal(first.certPem, second.certPem);
  const book = new LogBook();
  await using server = await QuietRoomServer.start({ port: 0, log: book.log });
  assert.equal(server.certPem, first.certPem);
  await WireClient.login(server, 'alice');
  assert.equal(JSON.stringify(book.entries).includes('PRIVATE KEY'), false);
});
