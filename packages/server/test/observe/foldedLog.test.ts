import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { LogEntry } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { FoldedLog } from '#src/observe/foldedLog.js';
import { LogBook, startServer } from '../startServer.js';

function foldedLog(most: number): { log: FoldedLog; entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return {
    entries,
    log: new FoldedLog(
      (entry) => entries.push(entry),
      () => most,
    ),
  };
}

function closed(address: string, reason: 'ended' | 'junk' = 'ended'): LogEntry {
  return { event: 'closed', client: 1, reason, address, seconds: 0 };
}

test('Of each kind and address the first entries of a minute are written, and the others counted', () => {
  const { log, entries } = foldedLog(3);
  for (let count = 0; count < 10; count++) log.write(closed('192.0.2.1'));
  for (let count = 0; count < 5; count++) log.write(closed('192.0.2.1', 'junk'));
  log.write(closed('192.0.2.2'));
  assert.equal(entries.splice(0).length, 3 + 3 + 1);
  log.flush();
  const folded = { event: 'folded', of: 'closed', address: '192.0.2.1' };
  assert.deepEqual(entries.splice(0), [
    { ...folded, reason: 'ended', times: 7 },
    { ...folded, reason: 'junk', times: 2 },
  ]);
  log.write(closed('192.0.2.1'));
  assert.deepEqual(entries, [closed('192.0.2.1')]);
});

test('An IPv6 network counts as one address', () => {
  const { log, entries } = foldedLog(3);
  for (let host = 1; host <= 10; host++) log.write(closed(`2001:db8::${host}`));
  log.flush();
  assert.deepEqual(entries.at(-1), {
    event: 'folded',
    of: 'closed',
    reason: 'ended',
    address: '2001:db8::1',
    times: 7,
  });
});

test('Of each kind ten times as many are written for all addresses together, and no count is lost', () => {
  const { log, entries } = foldedLog(3);
  for (let count = 0; count < 5000; count++) log.write(closed(`address ${count}`));
  assert.equal(entries.length, 30);
  log.flush();
  const counted = entries.slice(30).map((entry) => (entry.event === 'folded' ? entry.times : 0));
  assert.equal(counted.length, 1000 - 30 + 1);
  assert.equal(
    counted.reduce((sum, times) => sum + times),
    5000 - 30,
  );
});

test('An entry without an address is counted by kind', () => {
  const { log, entries } = foldedLog(2);
  for (let client = 1; client <= 23; client++) log.write({ event: 'joined', client, name: 'alice' });
  for (let count = 0; count < 5; count++) log.write({ event: 'acceptFailed', code: 'EMFILE' });
  log.flush();
  assert.deepEqual(
    entries.map((entry) => (entry.event === 'folded' ? [entry.of, entry.times] : entry.event)),
    [...Array.from({ length: 20 }, () => 'joined'), 'acceptFailed', ['joined', 3], ['acceptFailed', 4]],
  );
});

test('The acts of operators are always written', () => {
  const { log, entries } = foldedLog(1);
  for (let count = 0; count < 5; count++) log.write({ event: 'admin', act: 'kick', name: 'alice' });
  assert.equal(entries.length, 5);
});

test('Connections that come and vanish cause few entries, and a count at the end of the minute', async (t) => {
  const book = new LogBook();
  const clock = new FakeClock();
  const server = await startServer(t, { clock, log: book.log, logEntriesPerMinute: 2 });
  for (let count = 0; count < 10; count++) {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end();
    await once(socket.resume(), 'close');
  }
  const { connections } = server.stats();
  assert.equal(connections.accepted, 10);
  clock.advance(60_000);
  const folded = { event: 'folded', address: '127.0.0.1', times: 8 };
  assert.deepEqual(book.of('folded'), [
    { ...folded, of: 'connected' },
    { ...folded, of: 'closed', reason: 'ended' },
  ]);
  assert.equal(book.of('connected').length + book.of('closed').length, 4);
});
