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

test('on 1.1 a message for a room that could not be joined is refused, not sent to the lobby', async () => {
  const { peer, heard } = await answering({
    '/join #vault wrong': ['Incorrect password for room #vault'],
    '/members': [UNKNOWN_ON_1_1],
  });
  const connector = await connected(peer);
  void connector.joinRoom('#vault', 'wrong');
  await assert.rejects(connector.sendMessage('secret'), { code: 'NOT_IN_ROOM' });
  await connector.sendMessage('for all');
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #vault wrong', '/members', 'for all']);
  await peer.close();
});

test('on 1.2 a message for a room that could not be joined still names the room', async () => {
  const { peer, heard } = await answering({
    '/join #vault wrong': ['Incorrect password for room #vault'],
    '/members': [USAGE_ON_1_2],
  });
  const connector = await connected(peer);
  void connector.joinRoom('#vault', 'wrong');
  await connector.sendMessage('secret');
  await connector.sendMessage('for all');
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #vault wrong', '/members', '[#vault] secret', 'for all']);
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
  clock.advance(10_000);
  await Promise.all([lost, behind]);
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #a', '/members', '/msg alice behind']);
  await peer.close();
});

test('on 1.1 a join that was not answered counts no more once a message has waited for it', async () => {
  const clock = new FakeClock();
  const { peer, heard } = await answering({ '/members': [UNKNOWN_ON_1_1] });
  const connector = await connected(peer, { clock });
  const probed = called<void>();
  connector.onMessage(() => probed.call());
  await connector.joinRoom('#a');
  const lost = assert.rejects(connector.sendMessage('to a'), { code: 'NO_ANSWER' });
  await probed.promise;
  clock.advance(10_000);
  await lost;
  await connector.sendMessage('for all');
  await connector.disconnect();
  assert.deepEqual(heard, ['/join #a', '/members', 'for all']);
  await peer.close();
});

test('messages that wait for the server are limited by maxQueuedBytes', async () => {
  const { peer } = await answering({});
  const connector = await connected(peer, { maxQueuedBytes: 1000, clock: new FakeClock() });
  await connector.joinRoom('#a');
  const outcomes = Array.from({ length: 20 }, async () => connector.sendMessage('x'.repeat(100)));
  await assert.rejects(outcomes[11] ?? Promise.resolve(), { code: 'QUEUE_FULL' });
  const settled = Promise.allSettled(outcomes);
  await connector.disconnect();
  const codes = (await settled).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
  assert.deepEqual(codes, [...Array(11).fill('DISCONNECTED'), ...Array(9).fill('QUEUE_FULL')]);
  await peer.close();
});

test('messages that wait for the server are rejected by disconnect()', async () => {
  const clock = new FakeClock();
  const { peer } = await answering({});
  const connector = await connected(peer, { clock });
  void connector.joinRoom('#a');
  const waiting = assert.rejects(connector.sendMessage('to a'), { code: 'DISCONNECTED' });
  await connector.disconnect();
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
