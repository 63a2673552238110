import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectorConfig } from 'quietroom-connector';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { answersTo, called, logIn, nextState, quietConnector, skipPauses, until } from '../fixtures.js';
import { dropping, following, serve } from '../connection/reconnecting.js';

/** A connector that holds what it is to send, on a peer that drops the first connection. */
async function held(config: ConnectorConfig = {}): Promise<{
  peer: ScriptedPeer;
  heard: string[];
  clock: FakeClock;
  connector: ReturnType<typeof quietConnector>;
}> {
  const clock = new FakeClock();
  const heard: string[] = [];
  const peer = await following([dropping('cut'), (connection) => serve(connection, heard)]);
  const connector = quietConnector({
    ...peer.config,
    clock,
    reconnect: true,
    whileDisconnected: 'hold',
    ...config,
  });
  await connector.connect();
  const paused = nextState(connector, 'reconnecting');
  void connector.sendDm('alice', 'lost');
  await paused;
  return { peer, heard, clock, connector };
}

const code = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'rejected' ? outcome.reason.code : 'taken';

test('what is held goes out in the order of calls when there is a connection again', async () => {
  const { peer, heard, clock, connector } = await held();
  const sent = Array.from({ length: 500 }, async (_, index) => connector.sendDm('alice', `${index}`));
  assert.equal(connector.stats().queuedMessages, 500);
  assert.equal(connector.stats().queuedBytes, 500 * 512);
  skipPauses(connector, clock);
  clock.advance(1000);
  const receipts = await Promise.all(sent);
  assert.ok(receipts.every(({ status }) => status === 'accepted'));
  await connector.disconnect();
  assert.deepEqual(
    heard,
    sent.map((_, index) => `/msg alice ${index}`),
  );
  await peer.close();
});

test('past maxQueuedMessages a send is refused, and writable says so before', async () => {
  const { peer, clock, connector } = await held({ maxQueuedMessages: 3 });
  const sent = [connector.sendDm('alice', '1'), connector.sendDm('alice', '2\n3', { newlines: 'split' })];
  assert.equal(connector.writable, false);
  await assert.rejects(connector.sendDm('alice', '4'), { code: 'QUEUE_FULL' });
  clock.advance(1000);
  await Promise.all(sent);
  assert.equal(connector.writable, true);
  await assert.rejects(connector.sendDm('alice', '1\n2\n3\n4', { newlines: 'split' }), {
    code: 'QUEUE_FULL',
  });
  await connector.disconnect();
  await peer.close();
});

test('what has waited for maxQueuedSeconds is refused, and what came later is not', async () => {
  const { peer, heard, clock, connector } = await held({
    maxQueuedSeconds: 20,
    reconnect: { decide: () => 25 },
  });
  const early = connector.sendDm('alice', 'early');
  const outcome = Promise.allSettled([early]);
  clock.advance(10_000);
  const late = connector.sendDm('alice', 'late');
  clock.advance(10_000);
  assert.equal(code((await outcome)[0]), 'QUEUE_EXPIRED');
  clock.advance(5_000);
  assert.equal((await late).status, 'accepted');
  await connector.disconnect();
  assert.deepEqual(heard, ['/msg alice late']);
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('what is held when the attempts end is refused with the reason', async () => {
  const { peer, clock, connector } = await held({ reconnect: { maxAttempts: 1 } });
  await peer.close();
  const sent = Promise.allSettled([connector.sendDm('alice', 'x')]);
  connector.onError(() => {});
  clock.advance(1000);
  await connector.closed;
  assert.equal(code((await sent)[0]), 'NOT_CONNECTED');
  assert.equal(clock.pending, 0);
});

test('what is held for a first connection that is never made is refused with the reason, and closed tells it', async () => {
  const peer = await ScriptedPeer.start(async () => {});
  await peer.close();
  const clock = new FakeClock();
  const connector = quietConnector({ ...peer.config, clock, whileDisconnected: 'hold' });
  const { closed } = connector;
  const connecting = assert.rejects(connector.connect(), { code: 'ECONNREFUSED' });
  const sent = assert.rejects(connector.sendDm('alice', 'x'), {
    code: 'NOT_CONNECTED',
    message: /ECONNREFUSED/,
  });
  await Promise.all([connecting, sent]);
  assert.match(String(await closed), /ECONNREFUSED/);
  assert.equal(clock.pending, 0);
});

test('held messages can be aborted', async () => {
  const { peer, heard, clock, connector } = await held();
  const stop = new AbortController();
  const sent = Promise.allSettled([connector.sendDm('alice', 'x', { signal: stop.signal })]);
  stop.abort(new Error('changed my mind'));
  assert.equal((await sent)[0].status, 'rejected');
  assert.equal(connector.stats().queuedMessages, 0);
  const kept = connector.sendDm('alice', 'y');
  clock.advance(1000);
  await kept;
  await connector.disconnect();
  assert.deepEqual(heard, ['/msg alice y']);
  await peer.close();
});

test('flush() resolves when TLS has taken all', async () => {
  const heard: string[] = [];
  const peer = await ScriptedPeer.start((connection) => serve(connection, heard));
  const connector = quietConnector(peer.config);
  await connector.flush();
  await connector.connect();
  for (let index = 0; index < 3000; index++) void connector.sendDm('alice', `${index}`);
  assert.ok(connector.stats().queuedMessages > 2000);
  await connector.flush();
  assert.equal(connector.stats().queuedMessages, 0);
  assert.equal(connector.stats().queuedBytes, 0);
  await connector.disconnect();
  await peer.close();
});

test('drain() takes no more, waits for the receipts of what was sent, and quits', async () => {
  const heard: string[] = [];
  const answer = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    const first = await connection.hear();
    await answer.promise;
    for (const text of answersTo(first, name)) await connection.say(text);
    for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear())
      heard.push(text);
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock: new FakeClock() });
  await connector.connect();
  const sent = connector.sendDm('alice', 'x');
  const drained = connector.drain();
  assert.equal(connector.writable, false);
  await assert.rejects(connector.sendDm('alice', 'y'), { code: 'NOT_CONNECTED', message: /drain/ });
  answer.call();
  assert.equal((await sent).status, 'accepted');
  await drained;
  assert.equal(connector.state, 'disconnected');
  assert.equal(await connector.closed, null);
  assert.deepEqual(heard, []);
  await peer.close();
});

test('drain() ends at its time-out though a receipt is still missing', async () => {
  const clock = new FakeClock();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    while ((await connection.hear()) !== '/quit');
    connection.end();
  });
  const connector = quietConnector({ ...peer.config, clock, answerTimeout: 60 });
  await connector.connect();
  const sent = connector.sendDm('alice', 'x');
  const drained = connector.drain({ timeout: 7 });
  await until(() => connector.stats().queuedMessages === 0);
  clock.advance(6_999);
  assert.equal(connector.state, 'connected');
  clock.advance(1);
  await drained;
  assert.deepEqual(await sent, {
    status: 'unconfirmed',
    reason: 'connection-lost',
    parts: 1,
    acceptedParts: 0,
  });
  assert.equal(clock.pending, 0);
  for (const timeout of [Number.NaN, Number.POSITIVE_INFINITY, -1, 3_000_000]) {
    await assert.rejects(connector.drain({ timeout }), { code: 'OPTION_INVALID' });
  }
  await peer.close();
});

test('drain() and flush() end when their signal aborts', async () => {
  const { peer, clock, connector } = await held();
  const reason = new Error('enough');
  const stop = new AbortController();
  const sent = assert.rejects(connector.sendDm('alice', 'x'), { code: 'DISCONNECTED' });
  const flushed = assert.rejects(connector.flush({ signal: stop.signal }), reason);
  const drained = assert.rejects(connector.drain({ signal: stop.signal }), reason);
  stop.abort(reason);
  await Promise.all([flushed, drained, sent]);
  assert.equal(connector.state, 'disconnected');
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('a command without an answer that had not left when the connection fell settles, and holds up no drain()', async () => {
  const silent = called<void>();
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    connection.stopReading();
    silent.call();
  });
  const connector = quietConnector({ ...peer.config, clock: new FakeClock() });
  await connector.connect();
  await silent.promise;
  const commands = Array.from({ length: 2000 }, async () =>
    connector.sendCommand(`/accept ${'x'.repeat(4000)}`),
  );
  peer.connections[0]?.cut();
  const outcomes = await Promise.allSettled(commands);
  assert.equal(outcomes.length, 2000);
  await connector.drain();
  await peer.close();
});

test('drain() while the connection is made again waits for it, and for what is held', async () => {
  const { peer, heard, clock, connector } = await held();
  const sent = connector.sendDm('alice', 'held');
  const drained = connector.drain();
  clock.advance(1000);
  await drained;
  assert.equal((await sent).status, 'accepted');
  assert.deepEqual(heard, ['/msg alice held']);
  assert.equal(clock.pending, 0);
  await peer.close();
});

test('drain() and disconnect() without a connection resolve at once', async () => {
  const connector = quietConnector({ clock: new FakeClock() });
  await connector.drain();
  await connector.disconnect();
  assert.equal(connector.state, 'disconnected');
});
