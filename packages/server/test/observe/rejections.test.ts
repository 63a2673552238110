import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecurityEntry, type LogEntry } from '@quietroom/server';
import { FoldedLog } from '#src/observe/foldedLog.js';
import { Rejections } from '#src/observe/rejections.js';

test('A flood of refusals is logged once at first and once a minute, with how many there were', () => {
  const entries: LogEntry[] = [];
  const log = new FoldedLog(
    (entry) => entries.push(entry),
    () => 100,
  );
  const rejections = new Rejections(log.write);
  for (let count = 0; count < 1000; count++) rejections.add('connections', '192.0.2.1');
  rejections.add('handshakes', '192.0.2.2');
  const first = { event: 'refused', reason: 'connections', address: '192.0.2.1', times: 1 };
  const other = { event: 'refused', reason: 'handshakes', address: '192.0.2.2', times: 1 };
  assert.deepEqual(entries.splice(0), [first, other]);
  log.flush();
  assert.deepEqual(entries.splice(0), [{ ...first, times: 999 }]);
  rejections.add('connections', '192.0.2.1');
  assert.deepEqual(entries, [first]);
  assert.equal(rejections.total.connections, 1001);
});

test('A flood from many addresses is kept apart up to a number of them', () => {
  const entries: LogEntry[] = [];
  const log = new FoldedLog(
    (entry) => entries.push(entry),
    () => 100,
  );
  const rejections = new Rejections(log.write);
  for (let count = 0; count < 5000; count++) rejections.add('connections', `address ${count}`);
  assert.equal(entries.length, 1000);
  log.flush();
  assert.deepEqual(entries.at(-1), {
    event: 'refused',
    reason: 'connections',
    address: 'others',
    times: 4000,
  });
});

const closed = { event: 'closed', client: 1, address: '192.0.2.1', seconds: 1 } as const;
for (const [entry, isSecurity] of [
  [{ event: 'refused', reason: 'passwordWrong', address: '192.0.2.1', times: 1 }, true],
  [{ ...closed, reason: 'protocolError', code: 'DECRYPTION_BUDGET' }, true],
  [{ ...closed, reason: 'tlsFailed' }, true],
  [{ ...closed, reason: 'loginTimeout' }, true],
  [{ ...closed, reason: 'quit' }, false],
  [{ event: 'folded', of: 'closed', reason: 'junk', address: '192.0.2.1', times: 7 }, true],
  [{ event: 'folded', of: 'closed', reason: 'ended', address: '192.0.2.1', times: 7 }, false],
  [{ event: 'folded', of: 'joined', times: 7 }, false],
  [{ event: 'joined', client: 1, name: 'alice' }, false],
] as const satisfies readonly (readonly [LogEntry, boolean])[]) {
  test(`${JSON.stringify(entry)} ${isSecurity ? 'is' : 'is not'} for a log of security events`, () =>
    assert.equal(isSecurityEntry(entry), isSecurity));
}
