import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import test, { suite } from 'node:test';
import { secondIdentity } from '@quietroom/testing';
import { inputText } from '#src/send/inputText.js';
import { SEND_FIELDS } from '#src/send/sendResult.js';
import { logIn, Peer } from '../harness/peer.js';
import { assertOneLine, eventually, Folder, quietroom } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { runHere } from '../harness/runHere.js';
import { freePort } from '../harness/silent.js';

/** The user of the system, with a suffix. */
const VISITOR = /^[A-Za-z0-9_.-]+-[a-z2-9]{4}$/;

suite('quietroom send', () => {
  test('sends a direct message, says nothing, and has left when it ends', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const { code, stdout, stderr } = await runHere(room.args('send', '--to', 'alice', 'The backup is done.'));
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
    const [, sender = ''] = room.names;
    assert.match(sender, VISITOR);
    await alice.hears(`${sender}: The backup is done.`);
    assert.equal(await room.farewell(sender), 'quit');
  });

  test('sends what begins like a command, or like an option behind --, as text', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const to = ['--to', 'alice', '--username', 'cron'];
    assert.equal((await runHere(room.args('send', ...to, '/quit'))).code, 0);
    assert.equal((await runHere(room.args('send', ...to, '--', '--lobby'))).code, 0);
    assert.deepEqual(alice.dms, ['cron: /quit', 'cron: --lobby']);
  });

  test('sends each line of standard input as a direct message of its own', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const { code } = await runHere(room.args('send', '--to', 'alice', '--username', 'cron'), {
      input: ['Filesystem  Use%\n', '\n/dev/sda1 ', '   93%\r\n/dev/sdb1 7', '%\n'],
    });
    assert.equal(code, 0);
    assert.deepEqual(alice.dms, ['cron: Filesystem Use%', 'cron: /dev/sda1 93%', 'cron: /dev/sdb1 7%']);
  });

  test('sends the lines as one with --join-lines', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const args = room.args('send', '--to', 'alice', '--username', 'cron', '--join-lines');
    assert.equal((await runHere(args, { input: ['one\ntwo\n\nthree\n'] })).code, 0);
    assert.deepEqual(alice.dms, ['cron: one two three']);
  });

  test('sends a character that arrives in two pieces whole', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const input = [Buffer.from([0xf0, 0x9f]), Buffer.from([0x91, 0x8b])];
    const { code } = await runHere(room.args('send', '--to', 'alice', '--username', 'cron'), { input });
    assert.equal(code, 0);
    assert.deepEqual(alice.dms, ['cron: 👋']);
  });

  test('keeps the lines together in a room with a password', async () => {
    await using room = await Room.open();
    const alice = await room.joinRoom('alice', '#ops', 'open sesame');
    const passwordFile = await room.folder.write('password', 'open sesame\r\nand a comment\n');
    const args = room.args('send', '--room', '#ops', '--password-file', passwordFile, '--username', 'cron');
    const { code, stderr } = await runHere(args, { input: ['one\n  two\n'] });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    await alice.reads('#ops', 'cron: one\n  two');
  });

  test('says that nobody else is in a room that did not exist', async () => {
    await using room = await Room.open();
    const { code, stderr } = await runHere(room.args('send', '--room', '#osp', 'Deploying.'));
    assert.equal(code, 0);
    assertOneLine(stderr, /There was no room #osp: it was made, and nobody else is in it\./);
  });

  test('sends to everyone', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    assert.equal((await runHere(room.args('send', '--lobby', 'Back at nine.'))).code, 0);
    await alice.hearsText(/: Back at nine\.$/);
  });

  test('works on a 1.1 server', async () => {
    await using room = await Room.open({ protocolVersion: '1.1' });
    const alice = await room.joinRoom('alice', '#ops');
    const args = (...more: string[]): string[] => room.args('send', '--username', 'cron', ...more);
    assert.equal((await runHere(args('--room', '#ops', 'in the room'))).code, 0);
    await alice.hearsText(/cron: in the room$/);
    assert.equal((await runHere(args('--to', 'alice', 'to you'))).code, 0);
    await alice.hears('cron: to you');
    assert.equal((await runHere(args('--lobby', 'to all'))).code, 0);
  });

  test('a configured name that is in use gets a suffix', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const bob = await room.join('bob');
    const { code } = await runHere(room.args('send', '--to', 'alice', 'hi'), {
      env: { QUIETROOM_USERNAME: 'bob' },
    });
    assert.ok(bob.connector.isConnected);
    assert.equal(code, 0);
    await eventually('it has come', () => alice.dms.length > 0);
    assert.match(alice.dms[0] ?? '', /^bob-[a-z2-9]{4}: hi$/);
  });
});

suite('quietroom send ends with', () => {
  test('7 when the recipient is not online', async () => {
    await using room = await Room.open();
    const { code, stderr } = await runHere(room.args('send', '--to', 'nobody', 'hi'));
    assert.equal(code, 7);
    assertOneLine(stderr, /nobody is not online\. Try again later\./);
  });

  test('7 and how much was taken when the recipient goes in between', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.hear();
      await connection.say('[DM to alice]: one');
      await connection.hear();
      await connection.say("User 'alice' is not online.");
    });
    await using sending = peer.run('send', '--to', 'alice', 'one\ntwo');
    const { code, stderr } = await sending.ended();
    assert.equal(code, 7);
    assertOneLine(stderr, /alice is not online.* 1 of its 2 messages were taken\./);
  });

  const REFUSED = [
    { name: 'a recipient that nobody can be', args: ['--to', 'a b', 'hi'], says: /"a b" cannot be sent/ },
    { name: 'an empty text', args: ['--lobby', ' \n'], says: /only white space/ },
    {
      name: 'a text of too many lines',
      args: ['--to', 'alice', '--max-messages', '2', 'a\nb\nc'],
      says: /more than 2 messages.*raise --max-messages/,
    },
    { name: 'a room without a #', args: ['--room', 'ops', 'hi'], says: /"ops" is no room name/ },
    { name: 'a room with a password', args: ['--room', '#safe', 'hi'], says: /"#safe".*--password-file/ },
  ];
  for (const { name, args, says } of REFUSED) {
    test(`8 for ${name}`, async () => {
      await using room = await Room.open();
      await room.joinRoom('alice', '#safe', 'sesame');
      const { code, stdout, stderr } = await runHere(room.args('send', ...args));
      assert.equal(stdout, '');
      assertOneLine(stderr, says);
      assert.equal(code, 8);
    });
  }

  test('8 for a wrong password, which is shown nowhere', async () => {
    await using room = await Room.open();
    await room.joinRoom('alice', '#safe', 'sesame');
    const file = await room.folder.write('password', 'wr0ng\n');
    const args = room.args('send', '--room', '#safe', '--password-file', file, '--json', 'hi');
    const { code, stdout, stderr } = await runHere(args);
    assert.equal(code, 8);
    assertOneLine(stderr, /password for the room "#safe" is wrong/);
    assert.doesNotMatch(stdout + stderr, /wr0ng/);
  });

  test('8 for standard input that is longer than allowed, without reading it to its end', async () => {
    await using room = await Room.open();
    await using sending = quietroom(room.args('send', '--to', 'alice', '--max-messages', '1'));
    sending.write('x'.repeat(4097));
    const { code, stderr } = await sending.ended();
    assert.equal(code, 8);
    assertOneLine(stderr, /more messages than --max-messages allows/);
    assert.deepEqual(room.names, []);
  });

  test('9 when the connection is lost before the server has confirmed', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.hear();
      connection.cut();
    });
    await using sending = peer.run('send', '--to', 'alice', '--json', 'hi');
    const { code, stdout, stderr } = await sending.ended();
    assert.equal(code, 9);
    assertOneLine(stderr, /then the connection was lost: it may have arrived\./);
    assert.equal(parsed(stdout).reason, 'connection-lost');
  });

  test('what interrupted it while it reads, and reads no more', async () => {
    const input = new PassThrough();
    input.write('half');
    const stop = new AbortController();
    const reading = inputText(input, 100, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(reading, /stopped/);
    assert.ok(input.destroyed);
  });

  test('2 when there is no text, and a terminal for standard input', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    await assert.rejects(inputText(terminal, 100, new AbortController().signal), /There is no text\./);
  });

  test('refuses bytes that are not UTF-8, and a folder', async () => {
    const { signal } = new AbortController();
    await assert.rejects(
      inputText(Readable.from([Buffer.from('caf\xe9', 'latin1')]), 100, signal),
      /not UTF-8/,
    );
    const folder = new Readable({ read() {} });
    folder.destroy(Object.assign(new Error('EISDIR'), { code: 'EISDIR' }));
    await assert.rejects(inputText(folder, 100, signal), /Standard input is a folder\./);
  });

  test('3 when nothing listens', async () => {
    await using folder = await Folder.withIdentity();
    const args = ['send', '--lobby', '--host', '127.0.0.1', '--port', await freePort(), '--json', 'hi'];
    const { code, stdout, stderr } = await runHere(args, { cwd: folder.path });
    assert.equal(code, 3);
    assertOneLine(stderr, /Nothing listens/);
    const { status, reason, exitCode, message } = parsed(stdout);
    assert.deepEqual([status, reason, exitCode], ['failed', 'ECONNREFUSED', 3]);
    assert.equal(stderr, `quietroom: ${String(message)}\n`);
  });

  test('4 when the server is another than the pinned one', async () => {
    await using room = await Room.open();
    const wrong = await room.folder.write('wrong.pem', secondIdentity.certPem);
    const { code, stdout } = await runHere(room.args('send', '--cert', wrong, '--lobby', '--json', 'hi'));
    assert.equal(code, 4);
    assert.equal(parsed(stdout).reason, 'PIN_MISMATCH');
    assert.deepEqual(room.names, []);
  });

  test('5 when the name that the command line demands is in use', async () => {
    await using room = await Room.open();
    await room.join('bob');
    const { code, stderr } = await runHere(room.args('send', '--username', 'bob', '--lobby', 'hi'));
    assert.equal(code, 5);
    assertOneLine(stderr, /"bob" is in use/);
  });

  const WRONG = [
    {
      args: ['hi'],
      says: /Say where it goes: --to NAME, --room ROOM or --lobby\. See "quietroom send --help"/,
    },
    { args: ['--to', 'a', '--lobby', 'hi'], says: /'--to <name>' cannot be used with option '--lobby'/ },
    { args: ['--room', '#a', '--to', 'a', 'hi'], says: /cannot be used with/ },
    { args: ['--to', 'a', 'hi', 'there'], says: /too many arguments/ },
    { args: ['--to', 'a', '--password-file', 'x', 'hi'], says: /--password-file is for a room/ },
    { args: ['--to', 'a', '--max-messages', '0', 'hi'], says: /whole number from 1 to 1000/ },
  ];
  for (const { args, says } of WRONG) {
    test(`2 for ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHere(['send', ...args]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assertOneLine(stderr, says);
    });
  }
});

suite('quietroom send --json', () => {
  test('prints the documented fields on one line', async () => {
    await using room = await Room.open();
    await room.join('alice');
    const args = room.args('send', '--to', 'alice', '--username', 'cron', '--json', 'one\ntwo');
    const { stdout, stderr } = await runHere(args);
    assert.equal(stderr, '');
    assert.match(stdout, /^\{[^\n]*\}\n$/);
    const result = parsed(stdout);
    assert.deepEqual(Object.keys(result), Object.keys(SEND_FIELDS));
    assert.deepEqual(result, {
      v: 1,
      daemon: false,
      status: 'accepted',
      reason: null,
      exitCode: 0,
      type: 'dm',
      to: 'alice',
      username: 'cron',
      createdRoom: false,
      messages: 2,
      accepted: 2,
      message: null,
    });
  });

  test('prints a refusal, and one that came before there was a connection', async () => {
    await using room = await Room.open();
    const offline = parsed((await runHere(room.args('send', '--to', 'bob', '--json', 'hi'))).stdout);
    assert.deepEqual(
      [offline.status, offline.reason, offline.exitCode, offline.messages, offline.accepted],
      ['refused', 'recipient-offline', 7, 1, 0],
    );
    const nowhere = parsed((await runHere(room.args('send', '--json', 'hi'))).stdout);
    assert.deepEqual(
      [nowhere.status, nowhere.reason, nowhere.exitCode, nowhere.type, nowhere.to, nowhere.username],
      ['failed', 'USAGE', 2, null, null, null],
    );
  });
});

function parsed(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}
