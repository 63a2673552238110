import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { isSecurityEntry, QuietRoomServer, ServerError } from '@quietroom/server';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

/** A folder with an identity; removed when the test ends. */
async function identityFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-admin-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'server_private.pem'), firstIdentity.keyPem);
  await writeFile(join(folder, 'chat_public.pem'), firstIdentity.certPem);
  return folder;
}

/** A wall clock that moves with the fake clock. */
function timesOf(clock: FakeClock): { clock: FakeClock; date: () => Date } {
  return { clock, date: () => new Date(Date.UTC(2026, 0, 1) + clock.now()) };
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServerError && error.code === code;
}

suite('server.admin', () => {
  test('clients: lists users and connections before the login', async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, timesOf(clock));
    const alice = await WireClient.login(server, 'alice');
    await WireClient.open(server);
    clock.advance(5000);
    await alice.ask('hello');
    const [first, second, ...more] = server.admin.clients();
    assert.deepEqual(more, []);
    // Two texts, `hello` and the one that waits for the answer, count a tenth each.
    assert.deepEqual(first, {
      client: 1,
      name: 'alice',
      address: '127.0.0.1',
      since: new Date(Date.UTC(2026, 0, 1)),
      queuedBytes: 0,
      messagesPerSecond: 0.2,
      slowedBy: undefined,
      isMuted: false,
    });
    assert.deepEqual([second?.client, second?.name], [2, undefined]);
  });

  test('clients: names the limit that slows a client', async (t) => {
    const server = await startServer(t, { clock: new FakeClock(), messagesPerSecond: 1, messageBurst: 1 });
    const alice = await WireClient.login(server, 'alice');
    for (const text of ['1', '2', '3']) alice.send(text);
    await alice.until(/sending too fast/);
    assert.equal(server.admin.clients()[0]?.slowedBy, 'messageRate');
  });

  test('kick: closes after the reason, frees the name, and is logged', async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { log: book.log });
    const alice = await WireClient.login(server, 'alice');
    server.admin.kick('alice', 'Read the rules.');
    await alice.closed;
    assert.equal(alice.received.at(-1), '*** You were disconnected by the operator: Read the rules. ***');
    assert.equal((await book.nth('closed', 1)).reason, 'kicked');
    assert.deepEqual(book.of('admin'), [{ event: 'admin', act: 'kick', name: 'alice' }]);
    await WireClient.login(server, 'alice');
    assert.throws(() => server.admin.kick('bob'), hasCode('USER_UNKNOWN'));
    assert.throws(() => server.admin.kick('alice', ' '), hasCode('OPTION_INVALID'));
  });

  test('ban: a name is disconnected, and refused until the time is over', async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, timesOf(clock));
    const alice = await WireClient.login(server, 'alice');
    const { ban, disconnected } = server.admin.ban('alice', { seconds: 60 });
    assert.deepEqual(ban, { kind: 'name', target: 'alice', until: new Date(Date.UTC(2026, 0, 1, 0, 1)) });
    assert.equal(disconnected, 1);
    await alice.closed;
    const refused = await WireClient.open(server);
    refused.send('alice');
    await refused.closed;
    assert.equal(refused.received.at(-1), '*** You are banned from this server. ***');
    assert.equal(server.stats().refused.banned, 1);
    await WireClient.login(server, 'bob');
    clock.advance(60_000);
    assert.deepEqual(server.admin.bans(), []);
    await WireClient.login(server, 'alice');
  });

  for (const target of ['127.0.0.1', '127.0.0.0/8', '::ffff:127.0.0.1']) {
    test(`ban: ${target} disconnects all who come from there, and refuses the connection`, async (t) => {
      const server = await startServer(t);
      const alice = await WireClient.login(server, 'alice');
      const silent = await WireClient.open(server);
      assert.equal(server.admin.ban(target).disconnected, 2);
      await Promise.all([alice.closed, silent.closed]);
      await assert.rejects(WireClient.open(server));
      assert.equal(server.stats().refused.banned, 1);
      server.admin.unban(target);
      await WireClient.login(server, 'alice');
    });
  }

  test('ban: other addresses are not concerned', async (t) => {
    const server = await startServer(t);
    for (const target of ['192.0.2.1', '192.0.2.0/24', '2001:db8::/32']) {
      assert.equal(server.admin.ban(target).disconnected, 0);
    }
    await WireClient.login(server, 'alice');
  });

  test('ban: refuses what is neither name, address nor network, and impossible times', async (t) => {
    const server = await startServer(t);
    for (const target of [
      '',
      'a:b',
      '192.0.2.0/33',
      '192.0.2.0/',
      '192.0.2.0/8/8',
      'alice/24',
      '2001:db8::/129',
    ]) {
      assert.throws(() => server.admin.ban(target), hasCode('OPTION_INVALID'), target);
    }
    for (const seconds of [0, -1, Number.NaN, Infinity]) {
      assert.throws(() => server.admin.ban('alice', { seconds }), hasCode('OPTION_INVALID'));
    }
    assert.deepEqual(server.admin.bans(), []);
    assert.throws(() => server.admin.unban('alice'), hasCode('BAN_UNKNOWN'));
  });

  test('ban: is kept over a restart, with mode 0600', async (t) => {
    const folder = await identityFolder(t);
    const clock = new FakeClock();
    const options = { ...timesOf(clock), port: 0, identityFolder: folder };
    const first = await QuietRoomServer.start(options);
    first.admin.ban('alice');
    first.admin.ban('2001:DB8:0::/32', { seconds: 60 });
    first.admin.ban('bob');
    first.admin.unban('bob');
    const bans = first.admin.bans();
    await first.close();
    const path = join(folder, 'bans.json');
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(
      bans.map(({ target }) => target),
      ['alice', '2001:db8::/32'],
    );
    const second = await QuietRoomServer.start(options);
    assert.deepEqual(second.admin.bans(), bans);
    await second.close();
    clock.advance(60_000);
    const third = await QuietRoomServer.start(options);
    assert.deepEqual(third.admin.bans(), bans.slice(0, 1));
    await third.close();
  });

  test('ban: is not in effect when it cannot be stored', async (t) => {
    const folder = await identityFolder(t);
    const server = await QuietRoomServer.start({ port: 0, identityFolder: folder });
    t.after(() => server.close());
    await rm(folder, { recursive: true });
    assert.throws(() => server.admin.ban('alice'), { code: 'ENOENT' });
    assert.deepEqual(server.admin.bans(), []);
    await writeFile(folder, '');
  });

  test('a server does not start with a list of bans that it cannot read', async (t) => {
    const folder = await identityFolder(t);
    const path = join(folder, 'bans.json');
    for (const text of ['', '{}', '{"v":1,"bans":[{}]}', '{"v":1,"bans":[{"target":"a","until":"soon"}]}']) {
      await writeFile(path, text);
      const start = QuietRoomServer.start({ port: 0, identityFolder: folder });
      await assert.rejects(start, hasCode('BANS_INVALID'));
    }
    assert.equal(await readFile(path, 'utf8'), '{"v":1,"bans":[{"target":"a","until":"soon"}]}');
  });

  test('mute: refuses what reaches others, and commands still work', async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock });
    const alice = await WireClient.login(server, 'alice');
    const bob = await WireClient.login(server, 'bob');
    await alice.ask('/join #tea');
    await bob.ask('/join #tea');
    await alice.settle();
    bob.forget();
    server.admin.mute('alice', { seconds: 100 });
    assert.ok(server.admin.clients()[0]?.isMuted);
    const refusal = '*** You are muted for another 100 seconds: this was not sent. Commands still work. ***';
    const hash = 'a'.repeat(64);
    for (const text of ['hello', '/msg bob hello', '[#tea] hello', `/file bob x.txt ${hash}`]) {
      assert.equal((await alice.ask(text))[0], refusal, text);
    }
    assert.match((await alice.ask('/users'))[0] ?? '', /alice/);
    await bob.settle();
    assert.deepEqual(bob.received, []);
    assert.equal(server.stats().refused.muted, 4);
    clock.advance(100_000);
    await alice.ask('/msg bob hello');
    await bob.until(/hello/);
  });

  test('mute: holds for the name after a new login, until unmute', async (t) => {
    const server = await startServer(t);
    server.admin.mute('alice');
    const alice = await WireClient.login(server, 'alice');
    assert.match((await alice.ask('hello'))[0] ?? '', /^\*\*\* You are muted: this was not sent\./);
    server.admin.unmute('alice');
    assert.match((await alice.ask('hello'))[0] ?? '', /hello$/);
    assert.throws(() => server.admin.unmute('alice'), hasCode('MUTE_UNKNOWN'));
    assert.throws(() => server.admin.mute('a:b'), hasCode('OPTION_INVALID'));
  });

  test('announce: reaches every user', async (t) => {
    const server = await startServer(t);
    const alice = await WireClient.login(server, 'alice');
    const bob = await WireClient.login(server, 'bob');
    await WireClient.open(server);
    assert.equal(server.admin.announce('Backup at noon.'), 2);
    await alice.until('*** Announcement: Backup at noon. ***');
    await bob.until('*** Announcement: Backup at noon. ***');
    for (const text of ['', ' ', 'x'.repeat(4001)]) {
      assert.throws(() => server.admin.announce(text), hasCode('OPTION_INVALID'));
    }
  });

  test('rooms and closeRoom: members leave the room, and it is gone', async (t) => {
    const server = await startServer(t);
    const alice = await WireClient.login(server, 'alice');
    await alice.ask('/join #tea sesame');
    assert.deepEqual(server.admin.rooms(), [{ name: '#tea', isProtected: true, members: ['alice'] }]);
    alice.forget();
    const left: string[] = [];
    server.onLeave((name, place) => void left.push(`${name} ${place}`));
    assert.equal(server.admin.closeRoom('#tea'), 1);
    await alice.count(2);
    assert.deepEqual(alice.received, [
      '*** The operator has closed the room #tea. ***',
      'Left room #tea - returned to lobby',
    ]);
    assert.deepEqual(left, ['alice #tea']);
    assert.deepEqual(server.admin.rooms(), []);
    assert.throws(() => server.admin.closeRoom('#tea'), hasCode('ROOM_UNKNOWN'));
  });

  test('drain: refuses logins, tells users, and ends when the last one has left', async (t) => {
    const server = await startServer(t);
    const alice = await WireClient.login(server, 'alice');
    assert.equal(server.admin.drain(), 1);
    await alice.until('*** This server will close when the last user has left. New logins are refused. ***');
    const bob = await WireClient.open(server);
    bob.send('bob');
    await bob.closed;
    assert.match(bob.received.at(-1) ?? '', /^\*\*\* This server will close soon/);
    assert.equal(server.stats().refused.draining, 1);
    alice.send('/quit');
    await server.closed;
  });

  test('drain: ends at its time although users are there', async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock });
    const alice = await WireClient.login(server, 'alice');
    server.admin.drain({ seconds: 150 });
    await alice.until(/^\*\*\* This server will close in 3 minutes\./);
    clock.advance(150_000);
    await alice.until(/^\*\*\* Server is shutting down/);
    await server.closed;
  });

  test('drain: ends at once without users', async (t) => {
    const server = await startServer(t);
    assert.equal(server.admin.drain(), 0);
    await server.closed;
  });

  test('cancelDrain: accepts logins again, and the server stays', async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock });
    const alice = await WireClient.login(server, 'alice');
    server.admin.drain({ seconds: 60 });
    assert.ok(server.admin.isDraining);
    assert.equal(server.admin.cancelDrain(), true);
    await alice.until('*** This server stays open. ***');
    clock.advance(60_000);
    await WireClient.login(server, 'bob');
    assert.equal(server.admin.cancelDrain(), false);
    assert.throws(() => server.admin.drain({ seconds: 604_801 }), hasCode('OPTION_INVALID'));
  });

  test('every act is a security event without texts of users', async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { log: book.log });
    const alice = await WireClient.login(server, 'alice');
    await alice.ask('/join #den');
    server.admin.mute('alice', { seconds: 5 });
    server.admin.unmute('alice');
    server.admin.announce('hello');
    server.admin.closeRoom('#den');
    server.admin.drain({ seconds: 5 });
    server.admin.cancelDrain();
    server.admin.ban('192.0.2.0/24', { seconds: 5 });
    server.admin.unban('192.0.2.0/24');
    const acts = [
      { act: 'mute', name: 'alice', seconds: 5 },
      { act: 'unmute', name: 'alice' },
      { act: 'announce', clients: 1 },
      { act: 'closeRoom', clients: 1 },
      { act: 'drain', clients: 1, seconds: 5 },
      { act: 'cancelDrain', clients: 1 },
      { act: 'ban', address: '192.0.2.0/24', seconds: 5 },
      { act: 'unban', address: '192.0.2.0/24' },
    ];
    assert.deepEqual(
      book.of('admin'),
      acts.map((act) => ({ event: 'admin', ...act })),
    );
    assert.ok(book.of('admin').every(isSecurityEntry));
  });
});
