import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { logIn, Peer } from '../harness/peer.js';
import { assertOneLine, eventually, Folder, quietroom, runToEnd } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { Silent } from '../harness/silent.js';

suite('quietroom send as a process', () => {
  test('20 at once all arrive', async () => {
    await using room = await Room.open();
    const alice = await room.join('alice');
    const codes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { code } = await runToEnd(room.args('send', '--to', 'alice', `${index}`));
        return code;
      }),
    );
    assert.deepEqual(new Set(codes), new Set([0]));
    const received = alice.dms.map((dm) => Number(dm.replace(/^.*: /, ''))).sort((a, b) => a - b);
    assert.deepEqual(
      received,
      Array.from({ length: 20 }, (_, index) => index),
    );
  });

  test('ends with 9 when it is interrupted after it was sent, with nothing left open', async () => {
    await using peer = await Peer.start(async (connection) => {
      await logIn(connection);
      const sent = await connection.hear();
      received.push(sent);
      received.push(await connection.hear());
    });
    const received: string[] = [];
    await using sending = peer.run('send', '--to', 'alice', 'hi');
    await eventually('it is sent', () => received.length > 0);
    sending.signal('SIGINT');
    const { code, stderr } = await sending.ended();
    assert.equal(code, 9);
    assertOneLine(stderr, /interrupted while it was sent: it may have arrived/);
    assert.deepEqual(received, ['/msg alice hi', '/quit']);
  });

  test('ends with 1 when it is interrupted while it connects', async () => {
    await using silent = await Silent.listen();
    await using folder = await Folder.withIdentity();
    await using sending = quietroom(['send', '--lobby', '--port', silent.port, '--host', '127.0.0.1', 'hi'], {
      cwd: folder.path,
    });
    await eventually('it connects', () => silent.connections > 0);
    sending.signal('SIGTERM');
    const { code, stderr } = await sending.ended();
    assert.equal(code, 1);
    assertOneLine(stderr, /interrupted before anything was sent/);
  });
});
