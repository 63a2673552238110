import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { Descriptors } from '#src/network/descriptors.js';
import { resolveOptions } from '#src/options/options.js';
import { Moderation } from '#src/admin/moderation.js';
import { Service } from '#src/service.js';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { resolveIdentity } from '#src/identity/identity.js';
import { LogBook } from '../startServer.js';

const skip = process.platform === 'win32' && 'Windows has no such limit';

test('The limit is that of the process', { skip }, () => {
  const shell = execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  // Node raises the soft limit to the hard one, which the shell inherits.
  assert.equal(new Descriptors().limit, shell === 'unlimited' ? Infinity : Number(shell));
});

for (const [limit, most] of [
  [60, 45],
  [256, 192],
  [4096, 4032],
  [Infinity, Infinity],
] as const) {
  test(`Of ${limit} descriptors clients can use ${most}`, () =>
    assert.equal(new Descriptors(limit).mostConnections, most));
}

test('A connection whose descriptor is in the reserve is refused', { skip }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => socket.destroy());
  assert.equal(new Descriptors(4).hasRoomFor(socket), false);
  assert.equal(new Descriptors(100_000).hasRoomFor(socket), true);
  assert.equal(new Descriptors(Infinity).hasRoomFor(socket), true);
});

test('A maxConnections above the descriptors is logged at the start, and after each change', async (t) => {
  const book = new LogBook();
  const options = resolveOptions({ port: 0, maxConnections: 1000, log: book.log, identity: firstIdentity });
  const service = new Service(
    options,
    new Moderation(new FakeClock(), () => new Date()),
    new Descriptors(1000),
  );
  t.after(() => service.shutDown());
  await service.listen(await resolveIdentity(options), 0);
  service.reload({ maxConnections: 936 });
  service.reload({ maxConnections: 937 });
  const entry = { event: 'descriptorLimit', limit: 1000, connections: 936 };
  assert.deepEqual(book.of('descriptorLimit'), [
    { ...entry, maxConnections: 1000 },
    { ...entry, maxConnections: 937 },
  ]);
});
