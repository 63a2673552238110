import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { MEMBERS_FIELDS, ROOMS_FIELDS, USERS_FIELDS } from '#src/query/queryCommands.js';
import { logIn, Peer } from '../harness/peer.js';
import { assertOneLine, eventually, Folder, type Outcome } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { freePort } from '../harness/silent.js';
import { runHere } from '../harness/runHere.js';

suite('quietroom users', () => {
  test('prints who is online, sorted, without itself', async () => {
    await using room = await Room.open();
    await room.join('bob');
    await room.joinRoom('Al x', '#ops');
    const outcome = await runHere(room.args('users'));
    assert.deepEqual(outcome, { code: 0, stdout: 'Al x\nbob\n', stderr: '' });
    const [, , visitor = ''] = room.names;
    assert.equal(await room.farewell(visitor), 'quit');
  });

  test('prints nothing when nobody is', async () => {
    await using room = await Room.open();
    assert.deepEqual(await runHere(room.args('users')), { code: 0, stdout: '', stderr: '' });
  });

  test('prints JSON', async () => {
    await using room = await Room.open();
    await room.join('bob');
    const answer = parsed(await runHere(room.args('users', '--json')));
    assert.deepEqual(answer, { v: 1, users: ['bob'], daemon: false });
    assert.deepEqual(Object.keys(answer), Object.keys(USERS_FIELDS));
  });
});

suite('quietroom rooms', () => {
  test('prints the rooms, sorted, with users and passwords', async () => {
    await using room = await Room.open();
    await room.joinRoom('alice', '#ops', 'sesame');
    const bob = await room.joinRoom('bob', '#a');
    await bob.connector.joinRoom('#ops', 'sesame');
    const outcome = await runHere(room.args('rooms'));
    assert.deepEqual(outcome, { code: 0, stdout: '#a    1 user\n#ops  2 users, password\n', stderr: '' });
    const answer = parsed(await runHere(room.args('rooms', '--json')));
    assert.deepEqual(answer, {
      v: 1,
      daemon: false,
      rooms: [
        { name: '#a', users: 1, protected: false },
        { name: '#ops', users: 2, protected: true },
      ],
    });
    assert.deepEqual(Object.keys(answer), Object.keys(ROOMS_FIELDS));
  });

  test('prints nothing when there are none', async () => {
    await using room = await Room.open();
    assert.deepEqual(await runHere(room.args('rooms')), { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(parsed(await runHere(room.args('rooms', '--json'))), { v: 1, rooms: [], daemon: false });
  });

  test('lets no control in a name reach the terminal', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.hear();
      await connection.say('Active Rooms:\n  #\u001b[2J\u202e (2 users)\n');
    });
    await using asText = peer.run('rooms');
    assert.match((await asText.ended()).stdout, /^#\\x1b\[2J\\u\{202e\} {2}2 users\n$/);
    await using asJson = peer.run('rooms', '--json');
    const stdout = (await asJson.ended()).stdout.trimEnd();
    assert.doesNotMatch(stdout, /[\p{Cc}\p{Bidi_Control}]/u);
    assert.match(JSON.stringify(JSON.parse(stdout)), /\u202e/);
  });
});

suite('quietroom members', () => {
  test('prints who is in a room, or in the lobby', async () => {
    await using room = await Room.open();
    await room.joinRoom('alice', '#ops');
    await room.join('bob');
    assert.equal((await runHere(room.args('members', '#ops'))).stdout, 'alice\n');
    assert.equal((await runHere(room.args('members', 'lobby'))).stdout, 'bob\n');
    const answer = parsed(await runHere(room.args('members', '--json')));
    assert.deepEqual(answer, { v: 1, place: 'lobby', members: ['bob'], daemon: false });
    assert.deepEqual(Object.keys(answer), Object.keys(MEMBERS_FIELDS));
  });

  test('joins a room with a password for it, and a room of a 1.1 server', async () => {
    await using room = await Room.open();
    await room.joinRoom('alice', '#ops', 'sesame');
    const file = await room.folder.write('password', 'sesame');
    assert.equal((await runHere(room.args('members', '#ops', '--password-file', file))).stdout, 'alice\n');
    await using old = await Room.open({ protocolVersion: '1.1' });
    await old.joinRoom('bob', '#ops');
    const { code, stderr } = await runHere(old.args('members', '#ops'));
    assert.equal(code, 8);
    assertOneLine(stderr, /1\.1/);
    assert.equal((await runHere(old.args('members', '#ops', '--join'))).stdout, 'bob\n');
  });

  const REFUSED = [
    { args: ['#none'], code: 8, says: /There is no room "#none"/ },
    { args: ['#none', '--join'], code: 8, says: /There is no room "#none"\./ },
    { args: ['ops'], code: 8, says: /"ops" is no room name/ },
    { args: ['lobby', '--join'], code: 2, says: /are for a room/ },
    { args: ['#ops', '--password-file', 'none'], code: 1, says: /"none" cannot be read \(ENOENT\)/ },
  ];
  for (const { args, code, says } of REFUSED) {
    test(`ends with ${code} for ${args.join(' ')}, and makes no room`, async () => {
      await using room = await Room.open();
      const outcome = await runHere(room.args('members', ...args));
      assertOneLine(outcome.stderr, says);
      assert.equal(outcome.code, code);
      assert.equal((await runHere(room.args('rooms'))).stdout, '');
    });
  }
});

test('A query of a server that is not there ends with 3, and nothing on standard output', async () => {
  await using folder = await Folder.withIdentity();
  const args = ['users', '--host', '127.0.0.1', '--port', await freePort()];
  const { code, stdout, stderr } = await runHere(args, { cwd: folder.path });
  assert.equal(code, 3);
  assert.equal(stdout, '');
  assertOneLine(stderr, /Nothing listens/);
});

test('A query that is interrupted ends with 1, and has left', async () => {
  const received: string[] = [];
  await using peer = await Peer.start(async (connection) => {
    await logIn(connection);
    received.push(await connection.hear());
    received.push(await connection.hear());
  });
  await using asking = peer.run('users');
  await eventually('it asks', () => received.length > 0);
  asking.signal('SIGINT');
  const { code, stderr } = await asking.ended();
  assert.equal(code, 1);
  assertOneLine(stderr, /interrupted/);
  assert.deepEqual(received, ['/users', '/quit']);
});

function parsed({ stdout }: Outcome): object {
  assert.match(stdout, /^[^\n]+\n$/);
  return Object(JSON.parse(stdout));
}
