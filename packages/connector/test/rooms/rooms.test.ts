import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { RoomError, type QuietRoomConnector } from 'quietroom-connector';
import { FakeClock, ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import { answersTo, called, logIn, quietConnector } from '../fixtures.js';

const USAGE_ON_1_2 = 'Usage: /members <#roomname|lobby>';
const UNKNOWN_ON_1_1 = 'Unknown command: /members. Type /help for available commands.';

/** A peer that answers by a table, and by the rules of a version where the table has no row. Keeps what it heard. */
async function answering(
  version: '1.1' | '1.2' | undefined,
  answers: Record<string, string[]> = {},
): Promise<{ peer: ScriptedPeer; heard: string[] }> {
  const heard: string[] = [];
  const peer = await ScriptedPeer.start(async (connection: PeerConnection) => {
    const name = await logIn(connection);
    for (;;) {
      const text = await connection.hear();
      if (text === '/quit') break;
      heard.push(text);
      const usual = version === undefined ? [] : answersTo(text, name, version);
      for (const answer of answers[text] ?? usual) await connection.say(answer);
    }
    connection.end();
  });
  return { peer, heard };
}

async function connected(peer: ScriptedPeer, config = {}): Promise<QuietRoomConnector> {
  const connector = quietConnector({ ...peer.config, ...config });
  await connector.connect();
  return connector;
}

test('on 1.2 sendMessage names the current room, decided in the order of calls', async () => {
  const { peer, heard } = await answering('1.2');
  const connector = await connected(peer);
  void connector.sendMessage('to the lobby');
  void connector.joinRoom('#a');
  void connector.sendMessage('to a');
  void connector.sendDm('alice', 'behind');
  void connector.joinRoom('#b');
  void connector.sendMessage('/to b');
  void connector.sendRoomMessage('#a', 'to a again');
  void connector.sendLobbyMessage('[#a] to the lobby');
  void connector.leaveRoom('#b');
  await connector.sendMessage('[#a] to the lobby again');
  await connector.disconnect();
  assert.deepEqual(heard, [
    'to the lobby',
    '/members',
    '/join #a',
    '[#a] to a',
    '/msg alice behind',
    '/join #b',
    '[#b] /to b',
    '[#a] to a again',
    '\u2060[#a] to the lobby',
    '/leave #b',
    '\u2060[#a] to the lobby again',
  ]);
  await peer.close();
});

test('on 1.1 sendMessage sends bare text, which the server gives to its current room', async () => {
  const { peer, heard } = await answering('1.1');
  const connector = await connected(peer);
  void connector.joinRoom('#a');
  await connector.sendMessage('to a');
  void connector.leaveRoom('#a');
  await connector.sendMessage('to the lobby');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a', 'to a', '/leave #a', 'to the lobby']);
  await peer.close();
});

test('on 1.1 what the server would give to another place is refused with NOT_SUPPORTED, and not sent', async () => {
  const { peer, heard } = await answering('1.1');
  const connector = await connected(peer);
  await connector.joinRoom('#a');
  await connector.joinRoom('#b');
  await assert.rejects(connector.sendRoomMessage('#a', 'x'), { code: 'NOT_SUPPORTED' });
  await assert.rejects(connector.sendLobbyMessage('x'), { code: 'NOT_SUPPORTED' });
  await assert.rejects(connector.sendRoomMessage('#c', 'x'), { code: 'NOT_IN_ROOM' });
  await assert.rejects(connector.listMembers('#a'), { code: 'NOT_SUPPORTED' });
  assert.equal((await connector.sendRoomMessage('#b', 'y')).status, 'accepted');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a', '/join #b', 'y']);
  await peer.close();
});

test('on 1.1 a message for a room that could not be joined is refused, however late it is sent', async () => {
  const { peer, heard } = await answering('1.1', {
    '/join #vault wrong': ['Incorrect password for room #vault'],
    '/leave #vault': ['You are not in room #vault'],
  });
  const connector = await connected(peer);
  const refused = assert.rejects(connector.joinRoom('#vault', 'wrong'), { code: 'PASSWORD_WRONG' });
  await assert.rejects(connector.sendMessage('secret'), { code: 'NOT_IN_ROOM' });
  await refused;
  await assert.rejects(connector.sendMessage('secret'), { code: 'NOT_IN_ROOM' });
  await assert.rejects(connector.leaveRoom('#vault'), { code: 'NOT_IN_ROOM' });
  await connector.sendMessage('for all');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #vault wrong', '/leave #vault', 'for all']);
  await peer.close();
});

test('on 1.2 a message for a room that could not be joined names that room, and the server refuses it', async () => {
  const { peer, heard } = await answering('1.2', {
    '/join #vault wrong': ['Incorrect password for room #vault'],
    '[#vault] secret': ['*** You are not a member of #vault ***'],
  });
  const connector = await connected(peer);
  const refused = assert.rejects(connector.joinRoom('#vault', 'wrong'), { code: 'PASSWORD_WRONG' });
  const receipt = await connector.sendMessage('secret');
  await refused;
  assert.deepEqual(receipt, { status: 'refused', reason: 'not-a-member', parts: 1, acceptedParts: 0 });
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #vault wrong', '[#vault] secret']);
  await peer.close();
});

test('on 1.1 a message waits for the join before it, and the next join behind the message', async () => {
  const { peer, heard } = await answering('1.1');
  const connector = await connected(peer, { clock: new FakeClock() });
  void connector.joinRoom('#a');
  const one = connector.sendMessage('one');
  void connector.joinRoom('#b');
  await Promise.all([one, connector.sendMessage('two')]);
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a', 'one', '/join #b', 'two']);
  await peer.close();
});

test('joinRoom resolves with what happened, and rejects with what the server said', async () => {
  const { peer } = await answering('1.2', {
    '/join #new': ['Created and joined room #new', '*** tester joined #new ***'],
    '/join #vault': ['This room is password-protected. Usage: /join #vault <password>'],
    '/join #vault bad': ['Incorrect password for room #vault'],
    '/join #long x': ['Error creating room password.'],
    '/join #odd': ['Room names must start with # (e.g., #general)'],
  });
  const connector = await connected(peer);
  assert.deepEqual(await connector.joinRoom('#new'), { room: '#new', created: true });
  assert.deepEqual(await connector.joinRoom('#old'), { room: '#old', created: false });
  for (const [room, password, code] of [
    ['#vault', '', 'PASSWORD_REQUIRED'],
    ['#vault', 'bad', 'PASSWORD_WRONG'],
    ['#long', 'x', 'PASSWORD_INVALID'],
    ['#odd', '', 'ROOM_NAME_INVALID'],
  ] as const) {
    await assert.rejects(
      connector.joinRoom(room, password),
      (error) => error instanceof RoomError && error.code === code && error.room === room,
    );
  }
  assert.deepEqual(connector.joinedRooms, ['#new', '#old']);
  assert.equal(connector.currentRoom, '#old');
  await connector.leaveRoom('#old');
  assert.deepEqual(connector.joinedRooms, ['#new']);
  assert.equal(connector.currentRoom, undefined);
  await connector.disconnect();
  assert.deepEqual(connector.joinedRooms, []);
  await peer.close();
});

test('two joins of one room by different passwords wait for each other, so that each gets its own answer', async () => {
  const { peer, heard } = await answering('1.2', {
    '/join #vault bad': ['Incorrect password for room #vault'],
  });
  const connector = await connected(peer);
  const [bad, good] = await Promise.allSettled([
    connector.joinRoom('#vault', 'bad'),
    connector.joinRoom('#vault', 'good'),
  ]);
  assert.equal(bad.status, 'rejected');
  assert.equal(good.status, 'fulfilled');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #vault bad', '/join #vault good']);
  await peer.close();
});

test('a join whose answer was dropped is known by the news of it for the members', async () => {
  const { peer } = await answering('1.2', { '/join #a': ['*** tester joined #a ***'] });
  const connector = await connected(peer, { clock: new FakeClock() });
  assert.deepEqual(await connector.joinRoom('#a'), { room: '#a', created: false });
  assert.equal(connector.currentRoom, '#a');
  await connector.disconnect();
  await peer.close();
});

test('the news of a join does not answer the next join of that room', async () => {
  let joins = 0;
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      if (text === '/members') await connection.say(USAGE_ON_1_2);
      if (!text.startsWith('/join')) continue;
      joins++;
      if (joins === 1) {
        await connection.say('Joined room #vault');
      } else {
        await connection.say('*** tester joined #vault ***');
        await connection.say('This room is password-protected. Usage: /join #vault <password>');
      }
    }
    connection.end();
  });
  const connector = await connected(peer, { clock: new FakeClock() });
  await connector.joinRoom('#vault', 'pw');
  await assert.rejects(connector.joinRoom('#vault'), { code: 'PASSWORD_REQUIRED' });
  await connector.disconnect();
  await peer.close();
});

test('the usage line of a command without a room does not count as the answer to a join', async () => {
  const { peer } = await answering('1.2', { '/join': ['Usage: /join <#room> [password]'] });
  const connector = await connected(peer);
  const [usage, joined] = await Promise.all([
    connector.sendCommand('/join'),
    connector.joinRoom('#vault', 'pw'),
  ]);
  assert.equal(usage, 'Usage: /join <#room> [password]');
  assert.equal(joined.room, '#vault');
  await connector.disconnect();
  await peer.close();
});

test('listUsers, listRooms and listMembers resolve with what the server lists', async () => {
  const { peer } = await answering('1.2', {
    '/users': ['Online Users (2):\n  tester\n  Al x'],
    '/rooms': ['Active Rooms:\n  #a (2 users)\n  #b 🔒 (0 users)\n'],
    '/members #a': ['Members of #a (1):\n  Al x'],
    '/members lobby': ['Members of lobby (0):\n  '],
    '/members #b': ['Room not found or access denied.'],
  });
  const connector = await connected(peer);
  assert.deepEqual(await connector.listUsers(), ['tester', 'Al x']);
  assert.deepEqual(await connector.listRooms(), [
    { name: '#a', users: 2, isProtected: false },
    { name: '#b', users: 0, isProtected: true },
  ]);
  assert.deepEqual(await connector.listMembers('#a'), ['Al x']);
  assert.deepEqual(await connector.listMembers('lobby'), []);
  await assert.rejects(
    connector.listMembers('#b'),
    (error) => error instanceof RoomError && error.code === 'ROOM_NOT_FOUND' && error.room === '#b',
  );
  await assert.rejects(connector.listMembers('nowhere'), { code: 'ROOM_NAME_INVALID' });
  await connector.disconnect();
  await peer.close();
});

test('on 1.1 the users and the members of the current place are what /users tells', async () => {
  const { peer, heard } = await answering('1.1', { '/users': ['Users in #a:\n  tester\n  bob\n'] });
  const connector = await connected(peer);
  await connector.joinRoom('#a');
  assert.deepEqual(await connector.listUsers(), ['tester', 'bob']);
  assert.deepEqual(await connector.listMembers('#a'), ['tester', 'bob']);
  await assert.rejects(connector.listMembers('lobby'), { code: 'NOT_SUPPORTED' });
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a', '/users', '/users']);
  await peer.close();
});

test('a server that does not tell its version makes what depends on it fail after 10 s; what stood behind goes out', async () => {
  const clock = new FakeClock();
  const { peer, heard } = await answering(undefined);
  const connector = await connected(peer, { clock });
  const lost = assert.rejects(connector.sendRoomMessage('#a', 'to a'), { code: 'NO_ANSWER' });
  const behind = connector.sendDm('alice', 'behind');
  await heardOf(heard, 1);
  clock.advance(9_999);
  assert.deepEqual(heard, ['/members']);
  clock.advance(1);
  await lost;
  await heardOf(heard, 2);
  assert.deepEqual(heard, ['/members', '/msg alice behind']);
  clock.advance(10_000);
  assert.deepEqual(await behind, { status: 'unconfirmed', reason: 'no-answer', parts: 1, acceptedParts: 0 });
  await connector.disconnect();
  await peer.close();
});

/** Awaits that the peer has heard so many texts, and that TLS has told so. */
async function heardOf(heard: readonly string[], count: number): Promise<void> {
  while (heard.length < count) await turn();
  for (let turns = 0; turns < 20; turns++) await turn();
}

test('on 1.1 a join that was never answered lets no chat go astray: the server is asked where it would go', async () => {
  const clock = new FakeClock();
  const { peer, heard } = await answering('1.1', {
    '/join #vault pw': [],
    '/users': ['Users in #vault:\n  tester\n'],
  });
  const connector = await connected(peer, { clock });
  // A question that is answered shows that the join will not be.
  const lost = assert.rejects(connector.joinRoom('#vault', 'pw'), { code: 'NO_ANSWER' });
  const secret = connector.sendMessage('secret');
  await heardOf(heard, 2);
  clock.advance(5_000);
  await lost;
  assert.equal((await secret).status, 'accepted');
  assert.equal(connector.currentRoom, '#vault');
  await assert.rejects(connector.sendLobbyMessage('for all'), { code: 'NOT_SUPPORTED' });
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #vault pw', '/members', '/users', 'secret']);
  await peer.close();
});

test('on 1.1 a server that did not say where chat goes is asked again with the next message', async () => {
  const clock = new FakeClock();
  const { peer, heard } = await answering(undefined, {});
  const connector = await connected(peer, { clock });
  const lost = assert.rejects(connector.joinRoom('#a'), { code: 'NO_ANSWER' });
  await heardOf(heard, 2);
  clock.advance(10_000);
  await lost;
  await peer.close();
  assert.ok(heard.includes('/join #a'));

  const answers: Record<string, string[]> = { '/join #a': [], '/users': [] };
  const second = await answering('1.1', answers);
  const other = await connected(second.peer, { clock });
  const unanswered = assert.rejects(other.joinRoom('#a'), { code: 'NO_ANSWER' });
  await heardOf(second.heard, 2);
  clock.advance(10_000);
  await unanswered;
  const refused = assert.rejects(other.sendMessage('where?'), { code: 'NO_ANSWER' });
  await heardOf(second.heard, 4);
  clock.advance(10_000);
  await refused;
  answers['/users'] = ['Users in #a:\n  tester\n'];
  assert.equal((await other.sendMessage('there')).status, 'accepted');
  await other.disconnect();
  assert.equal(second.heard.at(-1), 'there');
  assert.ok(!second.heard.includes('where?'));
  await second.peer.close();
});

test('messages that wait for the server are limited by maxQueuedBytes, as the packets they will be', async () => {
  const { peer } = await answering(undefined);
  const clock = new FakeClock();
  const connector = await connected(peer, { maxQueuedBytes: 10 * 512, clock });
  await connector.flush();
  const outcomes = Array.from({ length: 20 }, async () => connector.sendRoomMessage('#a', 'x'));
  const settled = Promise.allSettled(outcomes);
  const ended = connector.disconnect();
  clock.advance(5000);
  await ended;
  const codes = (await settled).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
  assert.deepEqual(codes, [...Array(10).fill('DISCONNECTED'), ...Array(10).fill('QUEUE_FULL')]);
  await peer.close();
});

test('disconnect() lets the server answer what messages wait for, and they go out before /quit', async () => {
  const { peer, heard } = await answering('1.1');
  const connector = await connected(peer);
  void connector.joinRoom('#a');
  const sent = Promise.all([connector.sendMessage('to a'), connector.sendDm('alice', 'behind')]);
  await connector.disconnect();
  assert.deepEqual(
    (await sent).map(({ status }) => status),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(heard, ['/members', '/join #a', 'to a', '/msg alice behind']);
  await peer.close();
});

test('messages that wait for a server that does not answer are rejected 5 s after disconnect()', async () => {
  const clock = new FakeClock();
  const { peer } = await answering(undefined);
  const connector = await connected(peer, { clock });
  const waiting = assert.rejects(connector.sendRoomMessage('#a', 'to a'), { code: 'DISCONNECTED' });
  const ended = connector.disconnect();
  clock.advance(5000);
  await ended;
  await waiting;
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('after disconnect() a new connection begins in the lobby', async () => {
  const { peer, heard } = await answering('1.2');
  const connector = await connected(peer);
  await connector.joinRoom('#a');
  await connector.sendMessage('one');
  await connector.disconnect();
  await connector.connect();
  await connector.sendMessage('two');
  await connector.disconnect();
  assert.deepEqual(heard, ['/members', '/join #a', '[#a] one', 'two']);
  await peer.close();
});

for (const version of ['1.1', '1.2'] as const) {
  test(`what is said on ${version} reaches the callback of its place, with the room where it can be known`, async () => {
    const all = called<void>();
    const peer = await ScriptedPeer.start(async (connection) => {
      const name = await logIn(connection);
      const join = async (): Promise<void> => {
        for (const answer of answersTo(await connection.hear(), name, version)) await connection.say(answer);
      };
      await connection.say('[12:00:00] bob: in the lobby');
      await connection.say('*** bob left the chat ***');
      await join();
      await join();
      await connection.say(version === '1.1' ? '[12:00:01] bob: in a' : '[12:00:01] [#a] bob: in a');
      await connection.say('[12:00:02] tester: mine');
      await connection.say('*** bob left #a ***');
      await join();
      await connection.say('[12:00:03] bob: \u2060/in either');
      await connection.say('*** Something else ***');
      await connection.hear();
      connection.end();
    });
    const connector = quietConnector(peer.config);
    const heard: string[] = [];
    connector
      .onLobbyMessage(
        (sender, text, { time, own }) => void heard.push(`lobby ${time} ${sender} ${text} ${own}`),
      )
      .onRoomMessage(
        (room, sender, text) => void heard.push(`room ${JSON.stringify(room)} ${sender} ${text}`),
      )
      .onPresence((name, change, { room }) => void heard.push(`${name} ${change} ${room}`))
      .onSystemMessage((text) => {
        heard.push(`system ${text}`);
        all.call();
      });
    await connector.connect();
    await connector.joinRoom('#a');
    await connector.joinRoom('#b');
    await all.promise;
    await connector.disconnect();
    assert.deepEqual(heard, [
      'lobby 12:00:00 bob in the lobby false',
      'bob left undefined',
      'room "#a" bob in a',
      'bob left #a',
      version === '1.1' ? 'room "" bob /in either' : 'lobby 12:00:03 bob /in either false',
      'system *** Something else ***',
    ]);
    await peer.close();
  });
}

test('own messages are marked, and come to the callbacks of their place when asked for', async () => {
  const { peer } = await answering('1.2');
  const connector = await connected(peer, { ownMessages: true });
  const heard: string[] = [];
  connector
    .onLobbyMessage((sender, text, { own }) => void heard.push(`lobby ${sender} ${text} ${own}`))
    .onRoomMessage((room, sender, text, { own }) => void heard.push(`room ${room} ${sender} ${text} ${own}`))
    .onPresence((name, change, { room, own }) => void heard.push(`${name} ${change} ${room} ${own}`));
  await connector.sendMessage('/one');
  await connector.joinRoom('#a');
  await connector.sendMessage('two');
  await connector.disconnect();
  assert.deepEqual(heard, ['lobby tester /one true', 'tester joined #a true', 'room #a tester two true']);
  await peer.close();
});

test('on 1.1 an own message carries the room that it was sent to, though others there do not', async () => {
  const { peer } = await answering('1.1');
  const connector = await connected(peer, { ownMessages: true });
  const rooms: string[] = [];
  connector.onRoomMessage((room) => void rooms.push(room));
  await connector.joinRoom('#a');
  await connector.joinRoom('#b');
  await connector.sendMessage('mine');
  await connector.disconnect();
  assert.deepEqual(rooms, ['#b']);
  await peer.close();
});

test('answers that belong to a call come to onMessage, and not to onSystemMessage', async () => {
  const { peer } = await answering('1.2');
  const connector = await connected(peer);
  const raw: string[] = [];
  const system: string[] = [];
  connector
    .onMessage((text, { type }) => void raw.push(`${type} ${text}`))
    .onSystemMessage((text) => void system.push(text));
  await connector.sendDm('alice', 'hi');
  await connector.joinRoom('#a');
  await connector.listUsers();
  await connector.rtt();
  await connector.disconnect();
  assert.deepEqual(system, []);
  assert.deepEqual(raw, [
    'answer [DM to alice]: hi',
    `answer ${USAGE_ON_1_2}`,
    'answer Joined room #a',
    'presence *** tester joined #a ***',
    'answer Online Users (1):\n  tester',
    `answer ${USAGE_ON_1_2}`,
  ]);
  await peer.close();
});

test('the version that a server tells by itself is not asked for', async () => {
  const { peer, heard } = await answering('1.1', { '/users': ['Online Users (Lobby):\n  tester\n'] });
  const connector = await connected(peer);
  await connector.listUsers();
  assert.equal(await connector.sendCommand('/members'), UNKNOWN_ON_1_1);
  await connector.joinRoom('#a');
  await connector.disconnect();
  assert.deepEqual(heard, ['/users', '/members', '/join #a']);
  await peer.close();
});

test('a connector is in 1,000 rooms at most; after a leave there is room for one more', async () => {
  const { peer } = await answering('1.2');
  const connector = await connected(peer);
  await Promise.all(Array.from({ length: 1000 }, async (_, room) => connector.joinRoom(`#${room}`)));
  await assert.rejects(connector.joinRoom('#more'), { code: 'ROOM_LIMIT', room: '#more', limit: 1000 });
  await connector.joinRoom('#7');
  await connector.leaveRoom('#7');
  await connector.joinRoom('#more');
  await connector.disconnect();
  await peer.close();
});
