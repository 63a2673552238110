import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConnectionLostError } from 'quietroom-connector';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { called, logIn, nextState, quietConnector, skipPauses, until } from '../fixtures.js';

const USAGE = 'Usage: /members <#roomname|lobby>';

test('after silence the server is asked; when it answers, the connection stays', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      assert.equal(text, '/members');
      asked++;
      await connection.say(USAGE);
    }
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock, livenessInterval: 45, livenessTimeout: 15 });
  let answers = 0;
  connector.onMessage(() => answers++);
  await connector.connect();
  for (let round = 1; round <= 3; round++) {
    clock.advance(45_000);
    await until(() => answers === round);
    assert.ok(connector.stats().rtt !== undefined);
    // The time-out passes without a word, which is none of silence: something came at its beginning.
    clock.advance(7_500);
    clock.advance(7_400);
  }
  assert.equal(asked, 3);
  assert.equal(connector.isConnected, true);
  await connector.disconnect();
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('a server that does not answer is a lost connection, a minute after its last word', async () => {
  const clock = new FakeClock();
  const asked = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.hear();
    asked.call();
    await connection.hear();
  });
  const connector = quietConnector({ ...peer.config, clock, livenessInterval: 45, livenessTimeout: 15 });
  const reasons: unknown[] = [];
  connector.onDisconnect((reason) => void reasons.push(reason));
  await connector.connect();
  await until(() => (connector.stats().lastReceivedAt ?? 0) !== 0);
  for (let turns = 0; turns < 20; turns++) await turn();
  clock.advance(44_999);
  assert.equal(connector.stats().unanswered, 0);
  clock.advance(1);
  await asked.promise;
  clock.advance(14_999);
  assert.equal(connector.isConnected, true);
  clock.advance(1);
  await until(() => reasons.length === 1);
  const [reason] = reasons;
  assert.ok(reason instanceof ConnectionLostError);
  assert.equal(reason.code, 'SERVER_SILENT');
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('a server that said goodbye and then went on is told as silent when it falls silent', async () => {
  const clock = new FakeClock();
  const said = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.say('*** Server is shutting down. Goodbye! ***');
    while ((await connection.hear()) !== '/quit');
  });
  const connector = quietConnector({ ...peer.config, clock, livenessInterval: 45, livenessTimeout: 15 });
  connector.onSystemMessage(() => said.call());
  await connector.connect();
  await said.promise;
  clock.advance(60_000);
  const reason = await connector.closed;
  assert.ok(reason instanceof ConnectionLostError);
  assert.equal(reason.code, 'SERVER_SILENT');
  await peer.close();
});

test('with reconnect a silent server is left and another connection made', async () => {
  const clock = new FakeClock();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    while ((await connection.hear()) !== '/quit');
    connection.end();
  });
  const connector = quietConnector({
    ...peer.config,
    clock,
    livenessInterval: 45,
    livenessTimeout: 15,
    reconnect: true,
  });
  skipPauses(connector, clock);
  await connector.connect();
  for (let turns = 0; turns < 20; turns++) await turn();
  const again = nextState(connector, 'connected');
  clock.advance(60_000);
  await again;
  await connector.disconnect();
  assert.equal(peer.connections.length, 2);
  await peer.close();
});

test('whatever comes counts as a sign of life, decoys too, and nothing is asked', async () => {
  const clock = new FakeClock();
  const step = called<void>();
  const texts: string[] = [];
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await step.promise;
    // A decoy: type 2, one byte of data, one of padding.
    await connection.write(Buffer.of(2, 0, 1, 7, 0));
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear())
      texts.push(text);
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock, livenessInterval: 45, livenessTimeout: 15 });
  await connector.connect();
  for (let turns = 0; turns < 20; turns++) await turn();
  clock.advance(44_000);
  const { bytesReceived } = connector.stats();
  step.call();
  await until(() => connector.stats().bytesReceived > bytesReceived);
  clock.advance(44_000);
  assert.equal(connector.stats().unanswered, 0);
  await connector.disconnect();
  assert.deepEqual(texts, []);
  await peer.close();
});

test('rtt() measures the time to an answer, and rejects without one', async () => {
  const clock = new FakeClock();
  let questions = 0;
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
      questions++;
      if (questions > 1) continue;
      clock.advance(250);
      await connection.say(USAGE);
    }
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock });
  await assert.rejects(connector.rtt(), { code: 'NOT_CONNECTED' });
  await connector.connect();
  assert.equal(await connector.rtt(), 0.25);
  assert.equal(connector.stats().rtt, 0.25);
  const unanswered = assert.rejects(connector.rtt(), { code: 'NO_ANSWER' });
  await connector.flush();
  await until(() => questions === 2);
  clock.advance(10_000);
  await unanswered;
  await connector.disconnect();
  await peer.close();
});
