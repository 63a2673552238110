import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { LogEntry, QuietRoomConnector, Receipt } from 'quietroom-connector';
import { FakeClock, ScriptedPeer } from '@quietroom/testing';
import { JoinedWrites } from '#src/connection/joinedWrites.js';
import { called, logIn, quietConnector } from '../fixtures.js';
import { answerLike1x, ignoreFragmentSize } from './joiningRuntime.js';

const COUNT = 300;

function burst(connector: QuietRoomConnector, count = COUNT): Promise<Receipt[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => connector.sendDm('bob', `${index}`)));
}

const statuses = (receipts: readonly Receipt[]): string[] => [
  ...new Set(receipts.map(({ status }) => status)),
];

/** A probe whose questions are only counted. */
function probe() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const told: string[] = [];
  const writes = new JoinedWrites({
    clock,
    timeoutMs: 10_000,
    sendJoined: (texts) => asked.push(...texts),
    proven: () => void told.push('proven'),
    failed: () => void told.push('failed'),
  });
  const answer = (word: string): boolean =>
    writes.onMessage({ type: 'refusal', reason: 'unknownCommand', word });
  return { clock, asked, told, writes, answer };
}

test('two answers are the proof, and belong to the questions', () => {
  const { clock, asked, told, writes, answer } = probe();
  assert.equal(writes.isUntried, true);
  writes.ask();
  assert.equal(writes.isUntried, false);
  const [first = '', second = ''] = asked;
  assert.equal(answer('/members'), false);
  assert.equal(answer(first), true);
  clock.advance(9999);
  assert.equal(answer(second), true);
  clock.advance(60_000);
  assert.deepEqual(told, ['proven']);
});

test('no other answer passes for the second one', () => {
  const { clock, asked, told, writes, answer } = probe();
  writes.ask();
  const [first = ''] = asked;
  answer(first);
  answer(first);
  answer('/members');
  clock.advance(9999);
  assert.deepEqual(told, []);
  clock.advance(1);
  assert.deepEqual(told, ['failed']);
});

test('without the first answer nothing is decided, and a late second one is a proof', () => {
  const { clock, asked, told, writes, answer } = probe();
  writes.ask();
  const [first = '', second = ''] = asked;
  clock.advance(60_000);
  assert.deepEqual(told, []);
  answer(first);
  clock.advance(10_000);
  answer(second);
  assert.deepEqual(told, ['failed', 'proven']);
});

test('the end of the connection ends the wait', () => {
  const { clock, asked, told, writes, answer } = probe();
  writes.ask();
  answer(asked[0] ?? '');
  writes.stop();
  assert.equal(clock.pending, 0);
  assert.deepEqual(told, []);
});

test('few messages cause no questions', async () => {
  const heard = called<readonly string[]>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    const texts: string[] = [];
    while (texts.at(-1) !== '/quit') texts.push(await connection.hear());
    heard.call(texts);
    connection.end();
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  void burst(connector, 10);
  await connector.disconnect();
  assert.equal((await heard.promise).length, 11);
});

test('a runtime that does not cut records loses nothing: each packet is in a write of its own, and the log says so', async () => {
  const runtime = ignoreFragmentSize();
  const sizes = called<number[]>();
  const clock = new FakeClock();
  const log: LogEntry[] = [];
  const shown: string[] = [];
  await using peer = await ScriptedPeer.start(async (connection) => {
    sizes.call(await answerLike1x(connection, await logIn(connection)));
  });
  const connector = quietConnector({ ...peer.config, clock, log: (entry) => void log.push(entry) });
  connector.onMessage((text) => void shown.push(text));
  try {
    await connector.connect();
    assert.deepEqual(statuses(await burst(connector)), ['accepted']);
    assert.equal(connector.stats().unanswered, 0);
    assert.ok(!log.some(({ event }) => event === 'singleWrites'));
    clock.advance(10_000);
    assert.equal(log.filter(({ event }) => event === 'singleWrites').length, 1);
    assert.deepEqual(statuses(await burst(connector)), ['accepted']);
    assert.deepEqual(
      shown.filter((text) => !text.startsWith('[DM to bob]: ')),
      [],
    );
  } finally {
    await connector.disconnect();
    runtime.restore();
  }
  // The two questions shared one; every other packet was alone.
  assert.deepEqual(
    (await sizes.promise).filter((size) => size !== 512),
    [1024],
  );
});

test('after the proof, packets share writes', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await answerLike1x(connection, await logIn(connection));
  });
  const connector = quietConnector({
    ...peer.config,
    log: ({ event }) => assert.notEqual(event, 'singleWrites'),
  });
  await connector.connect();
  const before = connector.stats().packetsSent;
  const written = mock.method(TLSSocket.prototype, 'write').mock;
  // The peer writes less than a cell at a time.
  const cells = (): number[] =>
    written.calls.map(({ arguments: [bytes] }) => (bytes instanceof Uint8Array ? bytes.length / 512 : 0));
  assert.deepEqual(statuses(await burst(connector)), ['accepted']);
  assert.equal(connector.stats().packetsSent - before, COUNT + 2);
  written.resetCalls();
  assert.deepEqual(statuses(await burst(connector)), ['accepted']);
  written.restore();
  const shared = cells().filter((count) => count > 1);
  assert.ok(Math.max(...shared) > 100, `at most ${Math.max(...shared)} packets in a write`);
  await connector.disconnect();
});
