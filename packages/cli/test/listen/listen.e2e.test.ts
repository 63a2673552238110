import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import test, { suite } from 'node:test';
import { secondIdentity } from '@quietroom/testing';
import { RECEIVED_FIELDS, type Received } from '#src/listen/received.js';
import { logIn, Peer } from '../harness/peer.js';
import { assertOneLine, eventually, Folder, quietroom, type Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { freePort } from '../harness/silent.js';
import { runHere } from '../harness/runHere.js';

const LISTENING = /^quietroom: Listening as monitor on 127\.0\.0\.1:\d+.*\. Ctrl-C ends it\.\n/m;

suite('quietroom listen', () => {
  test('prints direct messages, rooms and the lobby, one line each, and leaves in good order', async () => {
    await using room = await Room.open();
    const alice = await room.joinRoom('alice', '#ops', 'sesame');
    const password = await room.folder.write('password', 'sesame\n');
    await using listening = await online(room, '--room', '#ops', '--password-file', password);
    await alice.connector.sendDm('monitor', 'hello');
    await alice.connector.sendRoomMessage('#ops', 'one\ntwo\u001b[2J');
    await alice.connector.sendLobbyMessage('to all');
    await listening.until(/to all\n/);
    listening.signal('SIGINT');
    const { code, stdout, stderr } = await listening.ended();
    assert.equal(code, 0);
    assert.match(stdout, /^(?:\d\d:\d\d:\d\d \[.*\n){3}$/);
    assert.equal(
      stdout.replaceAll(/^\d\d:\d\d:\d\d /gm, ''),
      '[dm] alice: hello\n[#ops] alice: one\\ntwo\\x1b[2J\n[lobby] alice: to all\n',
    );
    assertOneLine(
      stderr,
      /^quietroom: Listening as monitor on 127\.0\.0\.1:\d+, in #ops\. Ctrl-C ends it\.$/m,
    );
    assert.equal(await room.farewell('monitor'), 'quit');
  });

  test('prints only what is asked for', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using listening = await online(room, '--only', 'presence', '--only', 'dm', '--room', '#ops');
    await alice.connector.sendLobbyMessage('to all');
    await alice.connector.joinRoom('#ops');
    await alice.connector.sendRoomMessage('#ops', 'in the room');
    await alice.connector.leaveRoom('#ops');
    await alice.connector.sendDm('monitor', 'bye');
    await listening.until(/bye\n/);
    assert.deepEqual(
      listening.stdout.replaceAll(/^\d\d:\d\d:\d\d /gm, ''),
      '* alice joined #ops\n* alice left #ops\n[dm] alice: bye\n',
    );
  });

  test('--count ends it after so many, with 0', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using listening = await online(room, '--only', 'dm', '--count', '2');
    await alice.connector.sendLobbyMessage('to all');
    for (const text of ['one', 'two', 'three']) await alice.connector.sendDm('monitor', text).catch(() => {});
    const { code, stdout } = await listening.ended();
    assert.equal(code, 0);
    assert.equal(stdout.replaceAll(/^\d\d:\d\d:\d\d /gm, ''), '[dm] alice: one\n[dm] alice: two\n');
    assert.equal(await room.farewell('monitor'), 'quit');
  });

  test('ends with 0 when its reader has gone, as after | head -1', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using listening = await online(room, '--json');
    await alice.connector.sendDm('monitor', 'one');
    await listening.until(/"one"/);
    listening.child.stdout?.destroy();
    await alice.connector.sendDm('monitor', 'two');
    const { code, stderr } = await listening.ended();
    assert.equal(code, 0);
    assertOneLine(stderr, LISTENING);
    assert.equal(await room.farewell('monitor'), 'quit');
  });

  test('connects again when the server is started anew, joins its rooms, and says so', async () => {
    await using room = await Room.open();
    await using listening = await online(room, '--room', '#ops');
    await room.restart();
    await listening.untilError(/Connected again as monitor\.\n/);
    const alice = await room.joinRoom('alice', '#ops');
    await eventually('it is back in the room', async () =>
      (await alice.connector.listMembers('#ops')).includes('monitor'),
    );
    await alice.connector.sendRoomMessage('#ops', 'are you back?');
    await listening.until(/\[#ops\] alice: are you back\?\n/);
    assert.match(listening.stderr, /quietroom: The server was shut down\..* Connecting again \.\.\.\n/);
  });

  test('ends with 4 when another server has taken the place of the pinned one', async () => {
    await using room = await Room.open();
    await using listening = await online(room);
    await room.restart({ identity: secondIdentity });
    const { code, stderr } = await listening.ended();
    assert.equal(code, 4);
    assert.match(stderr, /did not present the pinned certificate/);
  });

  test('a name in use gets a suffix, unless the command line demands it', async () => {
    await using room = await Room.open();
    await room.join('monitor');
    await using listening = quietroom(room.args('listen'), { env: { QUIETROOM_USERNAME: 'monitor' } });
    await listening.untilError(/Listening as monitor-[a-z2-9]{4} on/);
    const { code, stderr } = await runHere(room.args('listen', '--username', 'monitor'));
    assert.equal(code, 5);
    assertOneLine(stderr, /"monitor" is in use/);
  });

  const WRONG = [
    {
      args: ['--only', 'files'],
      code: 2,
      says: /Allowed choices are dm, room, lobby, file, presence, system/,
    },
    { args: ['--accept-files', '/no/such/folder'], code: 1, says: /is no folder, or cannot be written/ },
    { args: ['--accept-files', '/proc/nosuch/x/'], code: 1, says: /is no folder, or cannot be written/ },
    { args: ['--count', '0'], code: 2, says: /whole number from 1/ },
    { args: ['x'], code: 2, says: /no command for the arguments x: give --exec/ },
    { args: ['--password-file', 'x'], code: 2, says: /is for a room/ },
    { args: ['--room', '#safe'], code: 8, says: /"#safe".*--password-file/ },
    { args: ['--room', 'ops'], code: 8, says: /"ops" is no room name/ },
  ];
  for (const { args, code, says } of WRONG) {
    test(`ends with ${code} for ${args.join(' ')}`, async () => {
      await using room = await Room.open();
      await room.joinRoom('alice', '#safe', 'sesame');
      const outcome = await runHere(room.args('listen', ...args));
      assertOneLine(outcome.stderr, says);
      assert.equal(outcome.code, code);
    });
  }

  test('ends with 3 when there is no server at first', async () => {
    await using folder = await Folder.withIdentity();
    const args = ['listen', '--host', '127.0.0.1', '--port', await freePort()];
    const { code, stderr } = await runHere(args, { cwd: folder.path });
    assert.equal(code, 3);
    assertOneLine(stderr, /Nothing listens/);
  });
});

suite('quietroom listen --json', () => {
  test('prints the documented fields of each kind of message', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const only = ['dm', 'room', 'lobby', 'presence'].flatMap((type) => ['--only', type]);
    await using listening = await online(room, '--json', '--room', '#ops', ...only);
    await alice.connector.sendDm('monitor', 'hello');
    await alice.connector.joinRoom('#ops');
    await alice.connector.sendRoomMessage('#ops', 'one\ntwo');
    await alice.connector.sendLobbyMessage('/to all');
    await alice.connector.disconnect();
    await listening.until(/left the chat.*\n/);
    const received = listening.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Received);
    for (const one of received) {
      assert.deepEqual(Object.keys(one).sort(), Object.keys(RECEIVED_FIELDS).sort());
      assert.equal(new Date(one.receivedAt).toISOString(), one.receivedAt);
      if (one.time !== null) assert.match(one.time, /^\d\d:\d\d:\d\d$/);
    }
    const time = '00:00:00';
    assert.deepEqual(
      received.map((one) => ({ ...one, receivedAt: '', time: one.time && time })),
      [
        byAlice('dm', 'hello'),
        byAlice('presence', '*** alice joined #ops ***', { room: '#ops', change: 'joined' }),
        byAlice('room', 'one\ntwo', { room: '#ops', time }),
        byAlice('lobby', '/to all', { time }),
        byAlice('presence', '*** alice left #ops ***', { room: '#ops', change: 'left' }),
        byAlice('presence', '*** alice left the chat ***', { change: 'left' }),
      ],
    );
  });

  test('takes files into a folder, and tells what became of each', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const alice = await room.join('alice');
    const incoming = `${folder.path}/new/incoming`;
    // The slash has it made.
    const limits = ['--accept-files', `${incoming}/`, '--max-file-bytes', '10'];
    await using listening = await online(room, '--json', '--count', '2', ...limits);
    await alice.connector.sendFile('monitor', Buffer.from('hello'), { name: 'a b.txt' });
    await alice.connector.sendFile('monitor', Buffer.alloc(11)).catch(() => {});
    const { code, stdout } = await listening.ended();
    assert.equal(code, 0);
    const [received, failed] = stdout
      .split('\n')
      .map((line) => (line === '' ? null : (JSON.parse(line) as Received)));
    assert.deepEqual([received?.type, received?.sender, received?.text], ['file', 'alice', 'a_b.txt']);
    assert.equal(received?.file?.status, 'received');
    assert.equal(received.file.bytes, 5);
    assert.equal(await readFile(received.file.path ?? '', 'utf8'), 'hello');
    assert.deepEqual([failed?.file?.status, failed?.file?.error], ['failed', 'FILE_TOO_LARGE']);
    assert.deepEqual(await readdir(incoming), ['a_b.txt']);
  });

  test('declines files that are not wanted, and says so', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    await using listening = await online(room, '--count', '1');
    await assert.rejects(alice.connector.sendFile('monitor', Buffer.from('hello')), {
      code: 'FILE_DECLINED',
    });
    const { stdout } = await listening.ended();
    assert.match(stdout, /^\d\d:\d\d:\d\d \[file\] alice: file, declined\n$/);
  });

  test('gives every text exactly, with nothing in the line that controls a terminal', async () => {
    const text = 'a\u0000b\u001b[2J\u009b1m\u202e\u2028\u{e0041}\u007f 👩‍💻 "\\ é';
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.say(`[DM from mallory]: ${text}`);
    });
    await using listening = peer.run('listen', '--json', '--count', '1');
    const { stdout } = await listening.ended();
    assert.doesNotMatch(stdout.trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.equal((JSON.parse(stdout) as { text: string }).text, text);
  });
});

/** The command, when it is online. */
async function online(room: Room, ...more: readonly string[]): Promise<Running> {
  const listening = quietroom(room.args('listen', '--username', 'monitor', ...more));
  await listening.untilError(LISTENING);
  return listening;
}

function byAlice(type: Received['type'], text: string, more: Partial<Received> = {}): Received {
  const common = { v: 1, own: false, receivedAt: '', file: null } as const;
  return { ...common, type, sender: 'alice', room: null, change: null, text, time: null, ...more };
}
