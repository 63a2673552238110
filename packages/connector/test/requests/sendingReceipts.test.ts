import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { FakeClock, firstIdentity, ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import { answersTo, called, logIn, quietConnector, until } from '../fixtures.js';

const ACCEPTED = { status: 'accepted', parts: 1, acceptedParts: 1 };
const OFFLINE = { status: 'refused', reason: 'recipient-offline', parts: 1, acceptedParts: 0 };
const UNCONFIRMED = { status: 'unconfirmed', reason: 'no-answer', parts: 1, acceptedParts: 0 };

const USAGE = 'Usage: /members <#roomname|lobby>';

/** A peer that hears so many texts before it says anything, and then says these, whatever it heard. */
function afterHearing(count: number, said: readonly string[]): Promise<ScriptedPeer> {
  return ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let heard = 0; heard < count; heard++) await connection.hear();
    for (const text of said) await connection.say(text);
    await answerQuestions(connection);
  });
}

/** Replies only to `/members`, until the client quits. */
async function answerQuestions(connection: PeerConnection): Promise<void> {
  for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
    if (text === '/members') await connection.say(USAGE);
  }
  connection.end();
}

test('each way to send resolves with what the server made of it', async () => {
  await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
  const config = { serverHost: server.host, serverPort: server.port, cert: server.certPem };
  await using alice = quietConnector({ ...config, username: 'alice' });
  await using bob = quietConnector({ ...config, username: 'bob' });
  await Promise.all([alice.connect(), bob.connect()]);
  assert.deepEqual(await alice.sendDm('bob', 'hi \n there'), ACCEPTED);
  assert.deepEqual(await alice.sendDm('alice', 'to myself'), ACCEPTED);
  assert.deepEqual(await alice.sendDm('carol', 'hi'), OFFLINE);
  assert.deepEqual(await alice.sendLobbyMessage('line\nline'), ACCEPTED);
  assert.deepEqual(await alice.sendMessage('/quit'), ACCEPTED);
  assert.deepEqual(await alice.joinRoom('#a', 'pw'), { room: '#a', created: true });
  assert.deepEqual(await alice.sendMessage('[#b] x'), ACCEPTED);
  assert.deepEqual(await alice.sendRoomMessage('#b', 'x'), {
    ...OFFLINE,
    reason: 'not-a-member',
  });
  await assert.rejects(bob.joinRoom('#a'), { code: 'PASSWORD_REQUIRED' });
  await assert.rejects(bob.joinRoom('#a', 'no'), { code: 'PASSWORD_WRONG' });
  assert.deepEqual(await bob.joinRoom('#a', 'pw'), { room: '#a', created: false });
  assert.deepEqual([...(await bob.listMembers('#a'))].sort(), ['alice', 'bob']);
  assert.deepEqual(await bob.listRooms(), [{ name: '#a', users: 2, isProtected: true }]);
  assert.equal(await bob.sendCommand('/msg alice  by hand'), '[DM to alice]: by hand');
  assert.match((await bob.sendCommand('/help')) ?? '', /Available Commands/);
  assert.equal(
    await bob.sendCommand('/nonsense x'),
    'Unknown command: /nonsense. Type /help for available commands.',
  );
  assert.ok((await bob.rtt()) >= 0);
});

const isDropped = (index: number): boolean => index % 7 === 3;

test('5,000 messages in flight: those whose answers the server dropped are unconfirmed, and no others', async () => {
  const COUNT = 5000;
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    const heard: string[] = [];
    for (let index = 0; index < COUNT; index++) heard.push(await connection.hear());
    for (const [index, text] of heard.entries()) {
      if (isDropped(index)) continue;
      for (const answer of answersTo(text, name)) await connection.say(answer);
      if (index % 100 === 0) await connection.say(`[12:00:00] bob: [DM to alice]: ${index + 1}`);
    }
    await answerQuestions(connection);
  });
  const connector = quietConnector({ ...peer.config, answerTimeout: 60, maxInFlight: COUNT });
  await connector.connect();
  const receipts = await Promise.all(
    Array.from({ length: COUNT }, async (_, index) => connector.sendDm('alice', `${index}`)),
  );
  for (const [index, receipt] of receipts.entries()) {
    assert.deepEqual(receipt, isDropped(index) ? UNCONFIRMED : ACCEPTED);
  }
  assert.equal(connector.stats().unanswered, 0);
  await connector.disconnect();
  await peer.close();
});

test('equal texts in flight are interchangeable: as many are accepted as echoes came', async () => {
  const peer = await afterHearing(4, [
    '[DM to alice]: ping',
    '[DM to alice]: ping',
    '[DM to alice]: ping',
    '[DM to alice]: end',
  ]);
  const connector = quietConnector(peer.config);
  await connector.connect();
  const sent = ['ping', 'ping', 'ping', 'end'].map(async (text) => connector.sendDm('alice', text));
  assert.deepEqual(await Promise.all(sent), [ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED]);
  await connector.disconnect();
  await peer.close();
});

test('a refusal is given to a message only when it can mean no other', async () => {
  const peer = await afterHearing(3, ["User 'bob' is not online.", '[DM to alice]: last']);
  const connector = quietConnector(peer.config);
  await connector.connect();
  const sent = [
    connector.sendDm('bob', 'one'),
    connector.sendDm('bob', 'two'),
    connector.sendDm('alice', 'last'),
  ];
  // One of the answers was dropped: the refusal may be to the first or to the second.
  assert.deepEqual(await Promise.all(sent), [UNCONFIRMED, UNCONFIRMED, ACCEPTED]);
  await connector.disconnect();
  await peer.close();
});

for (const answersQuestions of [false, true]) {
  const name = answersQuestions
    ? 'a message without an answer is unconfirmed when a question after it is answered'
    : 'a message without an answer is unconfirmed after answerTimeout when the server answers nothing at all';
  test(name, async () => {
    const clock = new FakeClock();
    const heard: string[] = [];
    const peer = await ScriptedPeer.start(async (connection) => {
      await logIn(connection);
      for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
        heard.push(text);
        if (text === '/members' && answersQuestions) await connection.say(USAGE);
      }
      connection.end();
    });
    const connector = quietConnector({ ...peer.config, clock, answerTimeout: 6 });
    await connector.connect();
    const sent = connector.sendDm('alice', 'one');
    await connector.flush();
    clock.advance(2_999);
    await until(() => heard.length === 1);
    clock.advance(1);
    await until(() => heard.length === 2);
    if (!answersQuestions) clock.advance(3_000);
    assert.deepEqual(await sent, UNCONFIRMED);
    assert.deepEqual(heard, ['/msg alice one', '/members']);
    await connector.disconnect();
    assert.equal(clock.pending, 0);
    await peer.close();
  });
}

test('an answer that comes after the time-out belongs to its own message, not to the next in the same words', async () => {
  const clock = new FakeClock();
  const told = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    await told.promise;
    // Its echo was late; the one of the next is dropped.
    assert.equal(await connection.hear(), '/members');
    await connection.hear();
    await connection.say('[DM to alice]: ping');
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear());
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock });
  const late: string[] = [];
  const cameLate = called<void>();
  connector.onMessage((_, { type }) => {
    late.push(type);
    cameLate.call();
  });
  await connector.connect();
  const first = connector.sendDm('alice', 'ping');
  await connector.flush();
  clock.advance(10_000);
  assert.deepEqual(await first, UNCONFIRMED);
  told.call();
  const second = connector.sendDm('alice', 'ping');
  await cameLate.promise;
  clock.advance(10_000);
  assert.deepEqual(await second, UNCONFIRMED);
  assert.deepEqual(late, ['answer']);
  await connector.disconnect();
  await peer.close();
});

test('what others write cannot pass for an answer', async () => {
  const clock = new FakeClock();
  const peer = await afterHearing(2, [
    '[DM from bob]: [DM to alice]: hi',
    "[12:00:00] bob: User 'alice' is not online.",
    '[12:00:00] bob: tester: hi',
    '[12:00:00] [#a] bob: [12:00:00] tester: hi',
    '[DM to alice]: hi\nthere',
  ]);
  const connector = quietConnector({ ...peer.config, clock });
  let heard = 0;
  connector.onMessage(() => heard++);
  await connector.connect();
  const sent = Promise.all([connector.sendDm('alice', 'hi'), connector.sendLobbyMessage('hi')]);
  await until(() => heard === 5);
  assert.equal(connector.stats().unanswered, 2);
  clock.advance(10_000);
  assert.deepEqual(await sent, [UNCONFIRMED, UNCONFIRMED]);
  await connector.disconnect();
  await peer.close();
});

test('an echo of the lobby is not lost because an answer overtakes it', async () => {
  const peer = await afterHearing(2, ['[DM to alice]: second', '[12:00:00] tester: first']);
  const connector = quietConnector(peer.config);
  await connector.connect();
  const sent = [connector.sendLobbyMessage('first'), connector.sendDm('alice', 'second')];
  assert.deepEqual(await Promise.all(sent), [ACCEPTED, ACCEPTED]);
  await connector.disconnect();
  await peer.close();
});

test('a long text goes out in parts, in order and together, with one receipt', async () => {
  const heard: string[] = [];
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      heard.push(text);
      for (const answer of answersTo(text, name)) await connection.say(answer);
    }
    connection.end();
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  const lines = Array.from({ length: 9 }, (_, index) => `${index}`.repeat(1000));
  const receipts = await Promise.all([
    connector.sendMessage(lines.join('\n')),
    connector.sendDm('alice', 'between'),
    connector.sendDm('alice', lines.slice(0, 3).join('\n'), { newlines: 'split' }),
  ]);
  assert.deepEqual(receipts, [
    { status: 'accepted', parts: 3, acceptedParts: 3 },
    ACCEPTED,
    { status: 'accepted', parts: 3, acceptedParts: 3 },
  ]);
  await assert.rejects(connector.sendMessage(lines.join('\n'), { split: false }), {
    code: 'MESSAGE_TOO_LONG',
  });
  await assert.rejects(connector.sendMessage(lines.join('\n'), { maxParts: 2 }), {
    code: 'MESSAGE_TOO_LONG',
  });
  await assert.rejects(connector.sendMessage('x', { maxParts: 0 }), { code: 'OPTION_INVALID' });
  await connector.disconnect();
  assert.deepEqual(heard, [
    lines.slice(0, 4).join('\n'),
    lines.slice(4, 8).join('\n'),
    lines[8],
    '/msg alice between',
    ...lines.slice(0, 3).map((line) => `/msg alice ${line}`),
  ]);
  await peer.close();
});

test('a text of which the server took only some parts says how many', async () => {
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    for (const answer of answersTo(await connection.hear(), name)) await connection.say(answer);
    await connection.hear();
    await connection.say("User 'alice' is not online.");
    await answerQuestions(connection);
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  const receipt = await connector.sendDm('alice', 'one\ntwo', { newlines: 'split' });
  assert.deepEqual(receipt, { status: 'refused', reason: 'recipient-offline', parts: 2, acceptedParts: 1 });
  await connector.disconnect();
  await peer.close();
});

test('aborting a call makes it reject; what has not left never does, and what has left keeps its answer', async () => {
  const heard: string[] = [];
  const release = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      heard.push(text);
      if (heard.length === 1) await release.promise;
      for (const answer of answersTo(text, name)) await connection.say(answer);
    }
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock: new FakeClock() });
  await connector.connect();
  const reason = new Error('no longer wanted');
  const stop = new AbortController();
  const { signal } = stop;
  // The version must be known first: the message waits here.
  const waiting = assert.rejects(connector.sendRoomMessage('#a', 'never', { signal }), reason);
  await until(() => heard.length === 1);
  const asked = assert.rejects(connector.rtt({ signal }), reason);
  const behind = connector.sendDm('alice', 'behind');
  stop.abort(reason);
  await Promise.all([waiting, asked]);
  await assert.rejects(connector.sendDm('alice', 'too late', { signal }), reason);
  release.call();
  assert.deepEqual(await behind, ACCEPTED);

  const second = new AbortController();
  const left = assert.rejects(connector.sendDm('alice', 'left', { signal: second.signal }), reason);
  await connector.flush();
  second.abort(reason);
  await left;
  assert.deepEqual(await connector.sendDm('alice', 'left'), ACCEPTED);
  await connector.disconnect();
  assert.deepEqual(heard, [
    '/members',
    '/members',
    '/msg alice behind',
    '/msg alice left',
    '/msg alice left',
  ]);
  await peer.close();
});

test('a connection that falls settles all that waits for an answer', async () => {
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let count = 0; count < 6; count++) await connection.hear();
    connection.cut();
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  const settled = await Promise.allSettled([
    connector.sendDm('alice', 'x'),
    connector.sendLobbyMessage('x'),
    connector.joinRoom('#a'),
    connector.listUsers(),
    connector.sendCommand('/help'),
    connector.rtt(),
  ]);
  assert.deepEqual(
    settled.map((outcome) =>
      outcome.status === 'fulfilled'
        ? (outcome.value as { status?: string } | null)?.status
        : outcome.reason.code,
    ),
    ['unconfirmed', 'unconfirmed', 'CONNECTION_LOST', 'CONNECTION_LOST', undefined, 'CONNECTION_LOST'],
  );
  assert.equal(connector.stats().unanswered, 0);
  await peer.close();
});

test('a join that a limit of our server refuses rejects at once', async () => {
  await using server = await QuietRoomServer.start({
    port: 0,
    identity: firstIdentity,
    maxRoomsPerClient: 1,
  });
  await using connector = quietConnector({
    serverHost: server.host,
    serverPort: server.port,
    cert: server.certPem,
    clock: new FakeClock(),
  });
  await connector.connect();
  const notices: string[] = [];
  connector.onSystemMessage((text) => void notices.push(text));
  await connector.joinRoom('#a');
  await assert.rejects(connector.joinRoom('#b'), { code: 'JOIN_REFUSED', room: '#b' });
  assert.match(notices.join(), /1 rooms/);
});
