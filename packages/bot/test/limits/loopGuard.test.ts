import assert from 'node:assert/strict';
import test from 'node:test';
import { LoopGuard } from '#src/limits/loopGuard.js';

/** The verdicts on messages, each `afterMs` after a reply `ok`. */
function verdicts(
  guard: LoopGuard,
  messages: readonly [text: string, afterMs: number][],
  startMs = 0,
): string[] {
  let nowMs = startMs;
  return messages.map(([text, afterMs]) => {
    guard.onReply('ok', nowMs);
    nowMs += afterMs;
    return guard.onMessage(text, nowMs);
  });
}

test('messages that come at once after replies stop the exchange', () => {
  const guard = new LoopGuard(3, 60_000);
  assert.deepEqual(
    verdicts(guard, [
      ['a', 5],
      ['b', 900],
      ['c', 0],
      ['d', 5],
    ]),
    ['pass', 'pass', 'stop', 'ignore'],
  );
});

test('messages that are longer than anybody types in the time stop the exchange', () => {
  const long = 'x'.repeat(300);
  assert.deepEqual(
    verdicts(new LoopGuard(2, 60_000), [
      [long, 8000],
      [long, 8000],
    ]),
    ['pass', 'stop'],
  );
});

test('messages that repeat the reply stop the exchange, however slow they are', () => {
  const echo: [string, number] = ['Echo: ok', 3_600_000];
  assert.deepEqual(verdicts(new LoopGuard(2, 60_000), [echo, echo]), ['pass', 'stop']);
});

test('one message by a person begins the count anew, and several without a reply count once', () => {
  const guard = new LoopGuard(2, 60_000);
  assert.deepEqual(
    verdicts(guard, [
      ['fast', 5],
      ['slow', 2000],
      ['fast', 5],
    ]),
    ['pass', 'pass', 'pass'],
  );
  assert.equal(guard.onMessage('more', 2005), 'pass');
});

test('after the pause the sender is heard again', () => {
  const guard = new LoopGuard(1, 60_000);
  assert.deepEqual(verdicts(guard, [['fast', 5]]), ['stop']);
  assert.equal(guard.onMessage('early', 60_000), 'ignore');
  assert.equal(guard.onMessage('late', 60_005), 'pass');
});
