import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLostError, ConnectorError } from 'quietroom-connector';
import { CallPromise } from '#src/requests/callPromise.js';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { answersTo, called, logIn, quietConnector } from '../fixtures.js';

const codeOf = (error: unknown): string => (error instanceof ConnectorError ? error.code : 'none');

/** A peer that answers, and collects what it hears until `/quit`, and then closes. */
async function listener(): Promise<{ peer: ScriptedPeer; heard: Promise<string[]> }> {
  const { promise, call } = called<string[]>();
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    const heard: string[] = [];
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      heard.push(text);
      for (const answer of answersTo(text, name)) await connection.say(answer);
    }
    call(heard);
    connection.end();
  });
  return { peer, heard: promise };
}

test('each call is one packet, and calls keep their order', async () => {
  const { peer, heard } = await listener();
  const connector = quietConnector(peer.config);
  await connector.connect();
  await Promise.all([
    connector.sendDm('alice', 'one'),
    connector.sendMessage('two\nlines'),
    connector.joinRoom('#ops', 'open sesame'),
    connector.leaveRoom('#ops'),
    connector.sendCommand('/users'),
  ]);
  await connector.disconnect();
  assert.deepEqual(await heard, [
    '/msg alice one',
    'two\nlines',
    '/members',
    '/join #ops open sesame',
    '/leave #ops',
    '/users',
  ]);
  await peer.close();
});

test('5,000 sends by callers that do not wait go out whole and in order, in both shapes of padding', async () => {
  for (const padding of ['uniform', 'random'] as const) {
    const { peer, heard } = await listener();
    const connector = quietConnector({ ...peer.config, padding, answerTimeout: 60 });
    await connector.connect();
    const expected: string[] = [];
    const sends: Promise<unknown>[] = [];
    for (let index = 0; index < 5000; index++) {
      const text = `${index} ${'x'.repeat(index % 1200)}`;
      expected.push(`/msg alice ${text.trimEnd()}`);
      sends.push(connector.sendDm('alice', text));
    }
    // disconnect() gives a busy peer 5 s, and then drops what it has not read.
    await Promise.all(sends);
    await connector.disconnect();
    assert.deepEqual(await heard, expected);
    await peer.close();
  }
});

test('what a server would take for a command or a room message is sent as chat', async () => {
  const { peer, heard } = await listener();
  const connector = quietConnector(peer.config);
  await connector.connect();
  for (const text of ['/quit', ' \u0085/users', '[#ops] hi', '\u2060/x', 'plain /x'])
    void connector.sendMessage(text);
  await connector.disconnect();
  assert.deepEqual(await heard, [
    '\u2060/quit',
    '\u2060/users',
    '\u2060[#ops] hi',
    '\u2060\u2060/x',
    'plain /x',
  ]);
  await peer.close();
});

test('what cannot be sent is refused with a code, and nothing of it goes out', async () => {
  const { peer, heard } = await listener();
  const connector = quietConnector({ ...peer.config, split: false });
  await connector.connect();
  const dmLimit = 4068 - '[DM from tester]: '.length;
  const lobbyLimit = 4068 - '[00:00:00] tester: '.length;
  const refused: [Promise<unknown>, string][] = [
    [connector.sendDm('', 'x'), 'RECIPIENT_INVALID'],
    [connector.sendDm('Al x', 'x'), 'RECIPIENT_INVALID'],
    [connector.sendDm('alice\n/quit', 'x'), 'RECIPIENT_INVALID'],
    [connector.sendDm('alice', ' \u0085\n'), 'MESSAGE_EMPTY'],
    [connector.sendDm('alice', 'é'.repeat(dmLimit / 2 + 1)), 'MESSAGE_TOO_LONG'],
    [connector.sendMessage(''), 'MESSAGE_EMPTY'],
    [connector.sendMessage('x'.repeat(lobbyLimit + 1)), 'MESSAGE_TOO_LONG'],
    [connector.joinRoom('ops'), 'ROOM_NAME_INVALID'],
    [connector.joinRoom('#o ps'), 'ROOM_NAME_INVALID'],
    [connector.joinRoom('#' + 'r'.repeat(255)), 'ROOM_NAME_INVALID'],
    [connector.joinRoom('#\uD800'), 'ROOM_NAME_INVALID'],
    [connector.joinRoom('#ops', '  '), 'PASSWORD_INVALID'],
    [connector.joinRoom('#ops', 'a  b'), 'PASSWORD_INVALID'],
    [connector.joinRoom('#ops', 'p'.repeat(73)), 'PASSWORD_INVALID'],
    [connector.sendMessage(`/${'x'.repeat(lobbyLimit - 1)}`), 'MESSAGE_TOO_LONG'],
    [connector.sendCommand(`/join #${'r'.repeat(255)}`), 'ROOM_NAME_INVALID'],
    [connector.leaveRoom(''), 'ROOM_NAME_INVALID'],
    [connector.sendCommand('  '), 'MESSAGE_EMPTY'],
    [connector.sendCommand('/x'.repeat(20_000)), 'MESSAGE_TOO_LONG'],
    [connector.sendCommand(`/msg alice ${'x'.repeat(dmLimit + 1)}`), 'MESSAGE_TOO_LONG'],
    [connector.sendCommand(`[#ops] ${'x'.repeat(lobbyLimit)}`), 'MESSAGE_TOO_LONG'],
    [connector.sendCommand('users'), 'COMMAND_INVALID'],
    [connector.sendCommand('[#ops]'), 'COMMAND_INVALID'],
  ];
  for (const [sent, code] of refused) await assert.rejects(sent, (error) => codeOf(error) === code);
  await connector.sendDm('alice', `${'\n'.repeat(40_000)}${'x'.repeat(dmLimit)} `);
  await connector.sendMessage('y'.repeat(lobbyLimit));
  await connector.disconnect();
  assert.deepEqual(await heard, [`/msg alice ${'x'.repeat(dmLimit)}`, 'y'.repeat(lobbyLimit)]);
  await peer.close();
});

test('sends without a connection are refused', async () => {
  const { peer } = await listener();
  const connector = quietConnector(peer.config);
  await assert.rejects(connector.sendDm('alice', 'x'), { code: 'NOT_CONNECTED' });
  await connector.connect();
  await connector.disconnect();
  await assert.rejects(connector.sendMessage('x'), { code: 'NOT_CONNECTED' });
  await peer.close();
});

test('a send that fails is reported when nobody awaits it, and only then', async () => {
  const connector = quietConnector({});
  const errors: string[] = [];
  connector.onError((error) => void errors.push(codeOf(error)));
  void connector.sendDm('alice', 'x');
  await assert.rejects(connector.sendDm('alice', 'x'));
  await connector.sendMessage('x').catch(() => {});
  await Promise.allSettled([connector.joinRoom('#a'), connector.leaveRoom('#a')]);
  const derived = connector.sendMessage('x').finally(() => {});
  assert.ok(!(derived instanceof CallPromise));
  await assert.rejects(derived);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.deepEqual(errors, ['NOT_CONNECTED']);
});

test('what is no string is refused in words', async () => {
  const { peer } = await listener();
  await using connector = quietConnector(peer.config);
  await connector.connect();
  const nothing = undefined as never;
  await assert.rejects(connector.sendDm('alice', nothing), /The text must be a string, not undefined/);
  await assert.rejects(connector.sendDm(nothing, 'x'), /The recipient must be a string/);
  await assert.rejects(connector.joinRoom(nothing), /The room must be a string/);
  await assert.rejects(connector.sendCommand(nothing), /The command must be a string/);
  await connector.disconnect();
  await peer.close();
});

test('a refused send that nobody awaits does not end the process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  void quietConnector({}).sendDm('alice', 'x');
  void quietConnector({}).sendMessage('');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('past maxQueuedBytes a send is refused; what was queued still goes out', async () => {
  const { peer, heard } = await listener();
  const connector = quietConnector({ ...peer.config, maxQueuedBytes: 10 * 512 });
  await connector.connect();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, async (_, index) => connector.sendDm('alice', String(index))),
  );
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.ok(refused.length > 80 && refused.every(({ reason }) => codeOf(reason) === 'QUEUE_FULL'));
  await connector.disconnect();
  assert.equal((await heard).length, 100 - refused.length);
  await peer.close();
});

test('disconnect() sends /quit last, fires onDisconnect once with null, and may be called again', async () => {
  const { peer, heard } = await listener();
  const connector = quietConnector(peer.config);
  const reasons: unknown[] = [];
  connector.onDisconnect((reason) => void reasons.push(reason));
  await connector.connect();
  void connector.sendDm('alice', 'last');
  await Promise.all([connector.disconnect(), connector.disconnect()]);
  await connector.disconnect();
  assert.deepEqual(await heard, ['/msg alice last']);
  assert.deepEqual(reasons, [null]);
  assert.equal(connector.isConnected, false);
  await peer.close();
});

test('disconnect() ends within 5 s though the server neither reads nor closes', async () => {
  const clock = new FakeClock();
  const ready = called<void>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    ready.call();
  });
  const connector = quietConnector({ ...peer.config, clock, decoyTraffic: true, decoyInterval: 0.5 });
  await connector.connect();
  const ended = connector.disconnect();
  await ready.promise;
  const sent = peer.connections[0]?.plaintextBytes;
  clock.advance(4999);
  assert.equal(clock.pending, 1, 'the time limit only: no decoys any more');
  assert.equal(peer.connections[0]?.plaintextBytes, sent);
  assert.equal(connector.state, 'disconnecting');
  clock.advance(1);
  await ended;
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
});

for (const close of ['end', 'cut'] as const) {
  test(`a connection that the server drops (${close}) fires onDisconnect once with the reason`, async () => {
    await using peer = await ScriptedPeer.start(async (connection) => {
      await logIn(connection);
      await connection.hear();
      connection[close]();
    });
    const connector = quietConnector(peer.config);
    const reasons: unknown[] = [];
    const dropped = called<unknown>();
    connector.onDisconnect((reason) => {
      reasons.push(reason);
      dropped.call(reason);
    });
    await connector.connect();
    await connector.sendDm('alice', 'x');
    const reason = await dropped.promise;
    assert.ok(reason instanceof ConnectionLostError);
    assert.equal(reason.code, 'CONNECTION_LOST');
    assert.equal(connector.isConnected, false);
    await connector.disconnect();
    assert.equal(reasons.length, 1);
    await assert.rejects(connector.sendDm('alice', 'x'), { code: 'NOT_CONNECTED' });
  });
}

test('a server that says goodbye is told from a connection that broke', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.say('*** Server is shutting down. Goodbye! ***');
    connection.end();
  });
  const connector = quietConnector(peer.config);
  const dropped = called<unknown>();
  connector.onDisconnect(dropped.call);
  await connector.connect();
  assert.equal(codeOf(await dropped.promise), 'SERVER_SHUTDOWN');
});

test('when the connection breaks, sends that have not left reject, and those that have are unconfirmed', async () => {
  const silent = called<void>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    connection.stopReading();
    silent.call();
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  await silent.promise;
  const text = 'x'.repeat(4000);
  const outcomes = Array.from({ length: 5000 }, async () => connector.sendDm('alice', text));
  const dropped = called<void>();
  connector.onDisconnect(() => dropped.call());
  peer.connections[0]?.cut();
  const settled = await Promise.allSettled(outcomes);
  const lost = settled.filter((outcome) => outcome.status === 'rejected');
  const left = settled.filter((outcome) => outcome.status === 'fulfilled');
  assert.ok(lost.length > 0 && left.length > 0);
  assert.ok(lost.every(({ reason }) => reason instanceof ConnectionLostError));
  for (const { value } of left) {
    assert.deepEqual(value, {
      status: 'unconfirmed',
      reason: 'connection-lost',
      parts: 1,
      acceptedParts: 0,
    });
  }
  // What left comes before what did not.
  assert.equal(
    settled.findIndex((outcome) => outcome.status === 'rejected'),
    left.length,
  );
  await dropped.promise;
});

test('a stream of false packets ends the connection with PROTOCOL_VIOLATION', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let round = 0; round < 64; round++) await connection.write(Buffer.alloc(16_384, 1));
  });
  const connector = quietConnector(peer.config);
  const dropped = called<unknown>();
  connector.onDisconnect(dropped.call);
  await connector.connect();
  assert.equal(codeOf(await dropped.promise), 'PROTOCOL_VIOLATION');
});

test('what a callback says to the first message of a record does not hide that the rest is hostile', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    const garbage = Buffer.alloc(16_384 - 600, 1);
    await connection.write(
      Buffer.concat([connection.packet('[DM from a]: 1'), connection.packet('[DM from a]: 2'), garbage]),
    );
  });
  const connector = quietConnector(peer.config);
  const dropped = called<unknown>();
  const heard: string[] = [];
  connector.onDisconnect(dropped.call).onDm((sender, text) => {
    heard.push(text);
    void connector.sendDm(sender, 'reply');
  });
  await connector.connect();
  await connector.sendDm('a', 'go');
  assert.equal(codeOf(await dropped.promise), 'PROTOCOL_VIOLATION');
  assert.deepEqual(heard, ['1', '2']);
});
