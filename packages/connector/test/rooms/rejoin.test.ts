import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from 'quietroom-connector';
import { called, logIn, nextState, skipPauses, until } from '../fixtures.js';
import { following, goneAt, serve, watched } from '../connection/reconnecting.js';

test('rooms are joined again with their passwords, once each, before held messages go out', async () => {
  const heard: string[] = [];
  const peer = await following([goneAt('[#c] now'), (connection) => serve(connection, heard)]);
  const { connector, clock } = watched(peer, { whileDisconnected: 'hold' });
  await connector.connect();
  await connector.joinRoom('#a', 'open sesame');
  await connector.joinRoom('#b');
  await connector.joinRoom('#c');
  await connector.joinRoom('#a');
  await connector.leaveRoom('#b');
  await connector.joinRoom('#c');
  const paused = nextState(connector, 'reconnecting');
  void connector.sendMessage('now');
  await paused;
  assert.deepEqual(connector.joinedRooms, []);
  assert.equal(connector.writable, true);
  const held = [connector.sendMessage('held'), connector.sendDm('alice', 'held too')];
  clock.advance(1000);
  const receipts = await Promise.all(held);
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(connector.joinedRooms, ['#a', '#c']);
  assert.equal(connector.currentRoom, '#c');
  await connector.disconnect();
  assert.deepEqual(heard, [
    '/members',
    '/join #a open sesame',
    '/join #c',
    '[#c] held',
    '/msg alice held too',
  ]);
  await peer.close();
});

test('a room that cannot be joined again is told, and chat for it goes nowhere else', async () => {
  const heard: string[] = [];
  const peer = await following([
    goneAt('[#a] x'),
    async (connection) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
        heard.push(text);
        if (text === '/members') await connection.say('Usage: /members <#roomname|lobby>');
        if (text.startsWith('/join')) await connection.say('Incorrect password for room #a');
        if (text.startsWith('[#a]')) await connection.say('*** You are not a member of #a ***');
      }
      connection.end();
    },
  ]);
  const { connector, clock, errors, log } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  await connector.joinRoom('#a', 'old');
  const again = nextState(connector, 'connected');
  void connector.sendMessage('x');
  await again;
  const receipt = await connector.sendMessage('secret');
  assert.equal(receipt.status, 'refused');
  const [error] = errors;
  assert.ok(error instanceof RoomError && error.code === 'PASSWORD_WRONG' && error.room === '#a');
  assert.equal(log.find(({ event }) => event === 'rejoinFailed')?.room, '#a');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a old', '[#a] secret']);
  await peer.close();
});

test('rooms and passwords are joined again to the letter, and the current room last', async () => {
  const heard: string[] = [];
  const peer = await following([goneAt('/msg alice x'), (connection) => serve(connection, heard)]);
  const { connector, clock } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  // U+FEFF is a character like any other to a server.
  await connector.joinRoom('#a\uFEFF');
  await connector.joinRoom('#b', 'pw\uFEFF');
  await connector.joinRoom('#c');
  await connector.joinRoom('#a\uFEFF');
  void connector.joinRoom('#b', 'pw\uFEFF');
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await connector.sendMessage('here');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #c', '/join #a\uFEFF', '/join #b pw\uFEFF', '[#b] here']);
  await peer.close();
});

test('a join whose answer came too late is kept, and a leave that was not answered is kept, too', async () => {
  const heard: string[] = [];
  const late = called<void>();
  const peer = await following([
    async (connection) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/msg alice x'; text = await connection.hear()) {
        if (text === '/join #b') await connection.say('Joined room #b');
        if (text === '/users') await connection.say('Online Users (1):\n  tester');
        if (text === '/join #a pw') void late.promise.then(() => connection.say('Joined room #a'));
      }
      connection.cut();
    },
    (connection) => serve(connection, heard),
  ]);
  const { connector, clock } = watched(peer);
  await connector.connect();
  // It tells the version, so that no other question is asked.
  await connector.listUsers();
  await connector.joinRoom('#b');
  const joining = assert.rejects(connector.joinRoom('#a', 'pw'), { code: 'NO_ANSWER' });
  const leaving = assert.rejects(connector.leaveRoom('#b'), { code: 'NO_ANSWER' });
  await connector.flush();
  clock.advance(10_000);
  await Promise.all([joining, leaving]);
  late.call();
  await until(() => connector.joinedRooms.includes('#a'));
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await nextState(connector, 'reconnecting');
  clock.advance(1000);
  await again;
  await until(() => connector.joinedRooms.length === 1);
  assert.deepEqual(connector.joinedRooms, ['#a']);
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a pw']);
  await peer.close();
});

test('on 1.1, where the lobby cannot be the current room again, the log says so', async () => {
  const peer = await following([goneAt('/msg alice x', '1.1'), (connection) => serve(connection, [], '1.1')]);
  const { connector, clock, log } = watched(peer);
  skipPauses(connector, clock);
  await connector.connect();
  await connector.joinRoom('#a');
  await connector.joinRoom('#b');
  await connector.leaveRoom('#b');
  assert.equal((await connector.sendMessage('in the lobby')).status, 'accepted');
  const again = nextState(connector, 'connected');
  void connector.sendDm('alice', 'x');
  await again;
  await assert.rejects(connector.sendMessage('in the lobby'), { code: 'NOT_SUPPORTED' });
  assert.equal(connector.currentRoom, '#a');
  assert.match(log.find(({ event }) => event === 'rejoinFailed')?.message ?? '', /now "#a", not "the lobby"/);
  await connector.disconnect();
  await peer.close();
});

test('rooms that were not asked for are not believed, and not joined again', async () => {
  const heard: string[] = [];
  const peer = await following([
    async (connection) => {
      const name = await logIn(connection);
      for (let room = 0; room < 2000; room++) {
        await connection.say(`Joined room #${room}`);
        await connection.say(`*** ${name} joined #${room + 5000} ***`);
      }
      await connection.say(`Joined room #last`);
      await connection.hear();
      connection.cut();
    },
    (connection) => serve(connection, heard),
  ]);
  const { connector, clock } = watched(peer, { whileDisconnected: 'hold' });
  const all = new Promise<void>((resolve) => {
    connector.onMessage((text) => text === 'Joined room #last' && resolve());
  });
  await connector.connect();
  await all;
  assert.deepEqual([connector.joinedRooms, connector.currentRoom], [[], undefined]);
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'x');
  await paused;
  const held = connector.sendDm('alice', 'held');
  clock.advance(1000);
  await held;
  await connector.disconnect();
  assert.deepEqual(heard, ['/msg alice held']);
  await peer.close();
});
