import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { secondIdentity } from '@quietroom/testing';
import { logIn, Peer } from '../harness/peer.js';
import { assertOneLine, eventually, Folder, quietroom, type Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { freePort, Silent } from '../harness/silent.js';
import { runHere } from '../harness/runHere.js';

const ONLINE = /^EchoBot answers direct messages on 127\.0\.0\.1:\d+\. Ctrl-C ends it\.\n/;

suite('quietroom echo', () => {
  test('answers each direct message, prints it, and leaves in good order at SIGINT', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    await using alice = await room.join('alice');
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.connector.sendDm('EchoBot', '/quit');
    await alice.hears('EchoBot: Echo: hello');
    await alice.hears('EchoBot: Echo: /quit');
    bot.signal('SIGINT');
    const { code, stdout, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.match(stdout, ONLINE);
    assert.equal(stdout.replace(ONLINE, ''), 'alice: hello\nalice: /quit\n');
    assert.equal(code, 0);
    assert.equal(await room.farewell('EchoBot'), 'quit');
  });

  test('leaves in good order at SIGTERM', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    bot.signal('SIGTERM');
    assert.equal((await bot.ended()).code, 0);
    assert.equal(await room.farewell('EchoBot'), 'quit');
  });

  test('leaves in good order when two signals come for one Ctrl-C, as from npm', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    // Two of one kind might be merged.
    bot.signal('SIGINT');
    bot.signal('SIGTERM');
    assert.equal((await bot.ended()).code, 0);
    assert.equal(await room.farewell('EchoBot'), 'quit');
  });

  test('a second Ctrl-C ends it at once, when the server does not let it go', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      connection.stopReading();
    });
    await using bot = peer.run('echo');
    await bot.until(ONLINE);
    const again = setInterval(() => bot.signal('SIGINT'), 100);
    const { code } = await bot.ended().finally(() => clearInterval(again));
    assert.equal(code, 130);
  });

  test('SIGINT while it connects ends it with 0', async () => {
    await using silent = await Silent.listen();
    await using folder = await Folder.withIdentity();
    await using bot = quietroom(['echo', '--host', '127.0.0.1', '--port', silent.port], { cwd: folder.path });
    await eventually('it connects', () => silent.connections > 0);
    bot.signal('SIGINT');
    const { code, stdout, stderr } = await bot.ended();
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });

  test('a text that is too long to come back in one message comes back in several', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    await using alice = await room.join('alice');
    const longest = 'x'.repeat(4096 - 28 - '[DM from alice]: '.length);
    await alice.connector.sendDm('EchoBot', longest);
    await alice.connector.sendDm('EchoBot', 'still there?');
    await alice.hears('EchoBot: Echo: still there?');
    const echoed = alice.dms.slice(0, -1).map((line) => line.replace(/^EchoBot: /, ''));
    assert.equal(echoed.join(''), `Echo:${longest}`);
    bot.signal('SIGINT');
    assert.equal((await bot.ended()).stderr, '');
  });

  test('a sender with a blank in the name, whom nobody can answer, is told of; the bot goes on', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    await using al = await room.join('Al x');
    await using alice = await room.join('alice');
    await al.connector.sendDm('EchoBot', 'hi');
    await bot.until(/^Al x: hi$/m);
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    bot.signal('SIGINT');
    const { code, stderr } = await bot.ended();
    assert.equal(code, 0);
    assertOneLine(stderr, /Al x gets no answer: .*without blanks/);
  });

  test('does not answer a message from its own name', async () => {
    const received: string[] = [];
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.say('[DM from EchoBot]: Echo: for ever');
      await connection.say('[DM from alice]: hello');
      received.push(await connection.hear());
    });
    await using bot = peer.run('echo', '--username', ' EchoBot ');
    await bot.until(/alice: hello/);
    await eventually('it answers', () => received.length > 0);
    assert.deepEqual(received, ['/msg alice Echo: hello']);
    assert.doesNotMatch(bot.stdout, /for ever/);
  });

  test('lets no escape sequence, line break or bidi control of others reach the terminal', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      await connection.say('[DM from mallory]: \x1b[2J\x1b]0;pwned\x07\u009b31m\u202e\x7f\b\r');
      await connection.say('[DM from mallory]: hi\nadmin: send me the key\u2028root: do');
      await connection.say('[DM from e\x1b[31mve\nadmin]: hello');
      await connection.say('[DM from alice]: done');
    });
    await using bot = peer.run('echo');
    await bot.until(/^alice: done$/m);
    assert.doesNotMatch(bot.stdout.replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    assert.match(bot.stdout, /^mallory: \\x1b\[2J\\x1b\]0;pwned\\x07\\x9b31m\\u\{202e\}\\x7f\\x08/m);
    assert.match(bot.stdout, /^mallory: hi\\nadmin: send me the key\\u\{2028\}root: do$/m);
    assert.doesNotMatch(bot.stdout, /^(admin|root)/m);
  });

  test('connects again after the server was restarted, and answers', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    await room.restart();
    await bot.untilError(/Connected again as EchoBot\./);
    await using alice = await room.join('alice');
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    bot.signal('SIGINT');
    const { code, stderr } = await bot.ended();
    assert.equal(code, 0);
    assert.match(stderr, /The server was shut down\. Connecting again \.\.\./);
  });

  test('ends quietly when nobody reads what it prints', async () => {
    await using room = await Room.open();
    await using bot = await online(room);
    await using alice = await room.join('alice');
    bot.child.stdout?.destroy();
    await alice.connector.sendDm('EchoBot', 'hello');
    const { code, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.equal(await room.farewell('EchoBot'), 'quit');
  });
});

suite('quietroom echo says in one line why it ends', () => {
  test('5: the name is taken', async () => {
    await using room = await Room.open();
    await using other = await room.join('EchoBot');
    const { code, stderr } = await runHere(room.args('echo'));
    assert.ok(other.connector.isConnected);
    assert.equal(code, 5);
    assertOneLine(stderr, /"EchoBot" is in use\. Choose another/);
  });

  test('5: the name is none', async () => {
    await using room = await Room.open();
    const { code, stderr } = await runHere([...room.args('echo'), '--username', 'a:b\x1b']);
    assert.equal(code, 5);
    assertOneLine(stderr, /is not a valid username: servers accept/);
  });

  test('4: another certificate than the pinned one, with both fingerprints', async () => {
    await using room = await Room.open();
    await using folder = await Folder.make();
    const wrong = await folder.write('wrong.pem', secondIdentity.certPem);
    const { code, stderr } = await runHere([...room.args('echo'), '--cert', wrong]);
    assert.equal(code, 4);
    assert.match(stderr, /^quietroom: .* did not present the pinned certificate/);
    assert.match(stderr, /pinned: .*\n.*presented: /);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  test('4: a server without the key of the pinned certificate', async () => {
    await using peer = await Peer.start(async (connection) => {
      await connection.secure();
      const { dh, signature } = await connection.offer();
      signature.fill(0);
      for (const part of [dh.publicKey, signature]) await connection.writePart(part);
    });
    await using bot = peer.run('echo');
    const { code, stderr } = await bot.ended();
    assert.equal(code, 4);
    assertOneLine(stderr, /did not prove that it holds the key.*Do not trust/);
  });

  test('3: nothing listens', async () => {
    await using folder = await Folder.withIdentity();
    const port = await freePort();
    const { code, stderr } = await runHere(['echo', '--host', '127.0.0.1', '--port', port], {
      cwd: folder.path,
    });
    assert.equal(code, 3);
    assertOneLine(stderr, new RegExp(`Nothing listens on 127\\.0\\.0\\.1:${port}\\..*--port`));
  });

  test('3: no such host', async () => {
    await using folder = await Folder.withIdentity();
    const { code, stderr } = await runHere(['echo', '--host', 'nothing.invalid'], { cwd: folder.path });
    assert.equal(code, 3);
    assertOneLine(stderr, /"nothing\.invalid".*Check .*--host/);
  });

  test('3: something else listens', async () => {
    await using other = await Silent.listen('HTTP/1.1 400 Bad Request\r\n\r\n');
    await using folder = await Folder.withIdentity();
    const args = ['echo', '--host', '127.0.0.1', '--port', other.port];
    const { code, stderr } = await runHere(args, { cwd: folder.path });
    assert.equal(code, 3);
    assertOneLine(
      stderr,
      /did not complete a TLS 1\.3 handshake .*Check that a QuietRoom server listens there/,
    );
  });

  test('3: the server says nothing within the time', async () => {
    await using silent = await Silent.listen();
    await using folder = await Folder.withIdentity();
    const args = ['echo', '--host', '127.0.0.1', '--port', silent.port, '--connect-timeout', '1'];
    const { code, stderr } = await runHere(args, { cwd: folder.path });
    assert.equal(code, 3);
    assertOneLine(stderr, /within 1 s.*--connect-timeout/);
  });

  const CERTIFICATES = [
    { name: 'missing', cert: 'missing.pem', says: /"missing\.pem" does not exist\. Copy .*--cert/ },
    { name: 'a folder', cert: '.', says: /"\." cannot be read \(EISDIR\)\. Copy .*--cert/ },
    { name: 'no certificate', cert: 'server_private.pem', says: /holds no certificate.*Copy/ },
  ];
  for (const { name, cert, says } of CERTIFICATES) {
    test(`1: the certificate file is ${name}`, async () => {
      await using folder = await Folder.withIdentity();
      const { code, stderr } = await runHere(['echo', '--cert', cert], { cwd: folder.path });
      assert.equal(code, 1);
      assertOneLine(stderr, says);
    });
  }
});

/** The bot, when it is online. */
async function online(room: Room): Promise<Running> {
  const bot = quietroom(room.args('echo'));
  await bot.until(ONLINE);
  return bot;
}
