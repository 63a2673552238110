import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import type { QuietRoomConnector } from 'quietroom-connector';
import { FakeClock, ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import { called, logIn, quietConnector } from './fixtures.js';

const USAGE_ON_1_2 = 'Usage: /members <#roomname|lobby>';
const UNKNOWN_ON_1_1 = 'Unknown command: /members. Type /help for available commands.';

/** A peer that answers by a table; what has no row is not answered. Keeps what it heard, until `/quit`. */
async function answering(
  answers: Record<string, string[]>,
): Promise<{ peer: ScriptedPeer; heard: string[] }> {
  const heard: string[] = [];
  const peer = await ScriptedPeer.start(async (connection: PeerConnection) => {
    await logIn(connection);
    for (;;) {
      const text = await connection.hear();
      if (text === '/quit') break;
      heard.push(text);
      for (const answer of answers[text] ?? []) await connection.say(answer);
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
  const { peer, heard } = await answering({
    '/join #a': ['Joined room #a', '*** tester joined #a ***'],
    '/join #b': ['Created and joined room #b'],
    '/leave #b': ['Left room #b - returned to lobby'],
    '/members': [USAGE_ON_1_2],
  });
  const connector = await connected(peer);
  void connector.sendMessage('to the lobby');
  void connector.joinRoom('#a');
  void connector.sendMessage('to a');
  void connector.sendDm('alice', 'behind');
  void connector.joinRoom('#b');
  void connector.sendMessage('/to b');
  void connector.leaveRoom('#b');
  await connector.sendMessage('[#a] to the lobby again');
  await connector.disconnect();
  assert.deepEqual(
    heard,
    [
      'to the lobby',
      '/join #a',
      '/members',
      '[#a] to a',
      '/msg alice behind',
      '/join #b',
      '[#b] /to b',
      '/leave #b',
      '\u2060[#a] to the lobby again',
    ].filter((text) => heard.includes(text)),
  );
  assert.equal(heard.filter((text) => text === '/members').length, 1);
  await peer.close();
});

test('on 1.1 sendMessage sends bare text, which the server gives to its current room', async () => {
  const { peer, heard } = await answering({
    '/join #a': ['Joined room #a'],
    '/leave #a': ['Left room #a - returned to lobby'],
    '/members': [UNKNOWN_ON_1_1],
  });
  const connector = await connected(peer);
  void connector.joinRoom('#a');
  await connector.sendMessage('to a');
  void connector.leaveRoom('#a');
  await connector.sendMessage('to the lobby');
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #a', '/members', 'to a', '/leave #a', 'to the lobby']);
  await peer.close();
});

for (const { generation, answer } of [
  { generation: '1.1', answer: UNKNOWN_ON_1_1 },
  { generation: '1.2', answer: USAGE_ON_1_2 },
]) {
  test(`on ${generation} a message for a room that could not be joined is refused, however late it is sent`, async () => {
    const { peer, heard } = await answering({
      '/join #vault wrong': ['Incorrect password for room #vault'],
      '/leave #vault': ['You are not in room #vault'],
      '/members': [answer],
    });
    const connector = await connected(peer);
    const answered = called<void>();
    connector.onMessage((text) => {
      if (text === answer) answered.call();
    });
    void connector.joinRoom('#vault', 'wrong');
    await assert.rejects(connector.sendMessage('secret'), { code: 'NOT_IN_ROOM' });
    await answered.promise;
    await assert.rejects(connector.sendMessage('secret'), { code: 'NOT_IN_ROOM' });
    void connector.leaveRoom('#vault');
    await connector.sendMessage('for all');
    await connector.disconnect();
    assert.deepEqual(heard, ['/join #vault wrong', '/members', '/leave #vault', 'for all']);
    await peer.close();
  });

  test(`on ${generation} a message waits for the join before it, and the next join behind the message`, async () => {
    const { peer, heard } = await answering({
      '/join #a': ['Joined room #a'],
      '/join #b': ['Joined room #b'],
      '/members': [answer],
    });
    const connector = await connected(peer, { clock: new FakeClock() });
    void connector.joinRoom('#a');
    const one = connector.sendMessage('one');
    void connector.joinRoom('#b');
    await Promise.all([one, connector.sendMessage('two')]);
    await connector.disconnect();
    const chat = generation === '1.1' ? ['one', 'two'] : ['[#a] one', '[#b] two'];
    assert.deepEqual(heard, ['/join #a', '/members', chat[0], '/join #b', chat[1]]);
    await peer.close();
  });
}

test('the usage line of a command without a room does not count as the answer to a join', async () => {
  const { peer, heard } = await answering({
    '/join #a': ['Joined room #a'],
    '/join': ['Usage: /join <#room> [password]'],
    '/join #vault pw': ['Joined room #vault'],
    '/members': [USAGE_ON_1_2],
  });
  const connector = await connected(peer);
  await connector.joinRoom('#a');
  await connector.sendMessage('one');
  void connector.sendCommand('/join');
  void connector.joinRoom('#vault', 'pw');
  await connector.sendMessage('two');
  await connector.disconnect();
  assert.equal(heard.at(-1), '[#vault] two');
  await peer.close();
});

test('a server that does not answer makes room messages fail after 10 s; what stood behind them goes out', async () => {
  const clock = new FakeClock();
  const { peer, heard } = await answering({});
  const connector = await connected(peer, { clock });
  await connector.joinRoom('#a');
  const lost = assert.rejects(connector.sendMessage('to a'), { code: 'NO_ANSWER' });
  const behind = connector.sendDm('alice', 'behind');
  await turn();
  clock.advance(9_999);
  const late = connector.sendMessage('late');
  clock.advance(1);
  await Promise.all([lost, behind]);
  clock.advance(9_999);
  assert.equal(await Promise.race([late.then(() => 'sent'), turn('waiting')]), 'waiting');
  clock.advance(1);
  await assert.rejects(late, { code: 'NO_ANSWER' });
  await connector.disconnect();
  assert.deepEqual(heard.slice(0, 4), ['/join #a', '/members', '/members', '/msg alice behind']);
  assert.ok(!heard.includes('to a') && !heard.includes('late'));
  await peer.close();
});

test('a message that is sent again after NO_ANSWER never goes elsewhere, and arrives when the answer does', async () => {
  const clock = new FakeClock();
  const thawed = called<void>();
  const heard: string[] = [];
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (const expected of ['/join #vault pw', '/members', '/members']) {
      assert.equal(await connection.hear(), expected);
    }
    await thawed.promise;
    for (const answer of ['Joined room #vault', USAGE_ON_1_2, USAGE_ON_1_2]) await connection.say(answer);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear())
      heard.push(text);
    connection.end();
  });
  const connector = await connected(peer, { clock });
  await connector.joinRoom('#vault', 'pw');
  const lost = assert.rejects(connector.sendMessage('secret'), { code: 'NO_ANSWER' });
  clock.advance(10_000);
  await lost;
  const again = connector.sendMessage('secret');
  thawed.call();
  await again;
  await connector.disconnect();
  assert.deepEqual(heard, ['[#vault] secret']);
  await peer.close();
});

test('messages that wait for the server are limited by maxQueuedBytes, as the packets they will be', async () => {
  const { peer } = await answering({});
  const clock = new FakeClock();
  const connector = await connected(peer, { maxQueuedBytes: 10 * 512, clock });
  await connector.joinRoom('#a');
  const outcomes = Array.from({ length: 20 }, async () => connector.sendMessage('x'));
  const settled = Promise.allSettled(outcomes);
  const ended = connector.disconnect();
  clock.advance(5000);
  await ended;
  const codes = (await settled).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
  assert.deepEqual(codes, [...Array(11).fill('DISCONNECTED'), ...Array(9).fill('QUEUE_FULL')]);
  await peer.close();
});

test('disconnect() lets the server answer what messages wait for, and they go out before /quit', async () => {
  const { peer, heard } = await answering({ '/join #a': ['Joined room #a'], '/members': [USAGE_ON_1_2] });
  const connector = await connected(peer);
  void connector.joinRoom('#a');
  const sent = Promise.all([connector.sendMessage('to a'), connector.sendDm('alice', 'behind')]);
  await connector.disconnect();
  await sent;
  assert.deepEqual(heard, ['/join #a', '/members', '[#a] to a', '/msg alice behind']);
  await peer.close();
});

test('messages that wait for a server that does not answer are rejected 5 s after disconnect()', async () => {
  const clock = new FakeClock();
  const { peer } = await answering({});
  const connector = await connected(peer, { clock });
  void connector.joinRoom('#a');
  const waiting = assert.rejects(connector.sendMessage('to a'), { code: 'DISCONNECTED' });
  const ended = connector.disconnect();
  clock.advance(5000);
  await ended;
  await waiting;
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('a new connection begins in the lobby', async () => {
  const { peer, heard } = await answering({ '/join #a': ['Joined room #a'], '/members': [USAGE_ON_1_2] });
  const connector = await connected(peer);
  await connector.joinRoom('#a');
  await connector.sendMessage('one');
  await connector.disconnect();
  await connector.connect();
  await connector.sendMessage('two');
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #a', '/members', '[#a] one', 'two']);
  await peer.close();
});

test('the length limit of chat counts the prefix of the current room', async () => {
  const { peer } = await answering({ '/join #room': ['Joined room #room'], '/members': [USAGE_ON_1_2] });
  const connector = await connected(peer);
  await connector.joinRoom('#room');
  const limit = 4068 - '[00:00:00] [#room] tester: '.length;
  await assert.rejects(connector.sendMessage('x'.repeat(limit + 1)), { code: 'MESSAGE_TOO_LONG' });
  await connector.sendMessage('x'.repeat(limit));
  await connector.disconnect();
  await peer.close();
});

test('what the server answers to the question for its generation comes to onMessage as well', async () => {
  const { peer } = await answering({ '/join #a': ['Joined room #a'], '/members': [USAGE_ON_1_2] });
  const connector = await connected(peer);
  const answered = called<void>();
  connector.onMessage((text) => {
    if (text === USAGE_ON_1_2) answered.call();
  });
  await connector.joinRoom('#a');
  await answered.promise;
  await connector.disconnect();
  await peer.close();
});
