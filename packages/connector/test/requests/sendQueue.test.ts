import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import type { Outcome } from '#src/requests/replyMatcher.js';
import type { Draft } from '#src/requests/requestTracker.js';
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.js';
import {
  SendQueue,
  type Queued,
  type Item,
  type Line,
  type SendQueueLimits,
} from '#src/requests/sendQueue.js';

const NO_ANSWER: Outcome = { type: 'unanswered', reason: 'no-answer' };
const CELL = 512;

/** A line that notes what is said on it. */
class FakeLine implements Line {
  readonly said: string[] = [];
  readonly prepared: string[] = [];
  isOpen = true;
  queuedBytes = 0;
  untaken = 0;
  /** Texts that depend on an answer that is still to come. */
  readonly blocked = new Set<string>();
  /** What a text fails with. */
  readonly failures = new Map<string, Error>();
  onPrepare: () => void = () => {};

  isReady(draft: Draft): boolean {
    return !this.blocked.has(textOf(draft));
  }

  prepare(draft: Draft): void {
    this.prepared.push(textOf(draft));
    this.onPrepare();
  }

  transmit(draft: Draft, settle: (outcome: Outcome) => void): void {
    const failure = this.failures.get(textOf(draft));
    if (failure) throw failure;
    this.said.push(textOf(draft));
    settle(NO_ANSWER);
  }
}

function textOf(draft: Draft): string {
  return draft.type === 'members' ? draft.place : draft.text;
}

function chat(text: string): Draft {
  return { type: 'chat', room: undefined, text };
}

interface Setup {
  readonly clock: FakeClock;
  readonly queue: SendQueue;
  readonly line: FakeLine;
  /** What each item was told, in order: its text, and `sent` or the code of an error. */
  readonly told: string[];
  /** Items that note what they are told, and do something then. */
  readonly items: (texts: readonly string[], then?: (text: string) => void) => Item[];
}

function setup(limits: Partial<SendQueueLimits> = {}): Setup {
  const clock = new FakeClock();
  const queue = new SendQueue(clock, { maxBytes: 1_000_000, maxMessages: 1000, maxAgeMs: 60_000, ...limits });
  const told: string[] = [];
  const items = (texts: readonly string[], then: (text: string) => void = () => {}): Item[] =>
    texts.map((text) => ({
      draft: chat(text),
      sent: () => {
        told.push(`${text}: sent`);
        then(text);
      },
      failed: (error) => {
        told.push(`${text}: ${error instanceof ConnectorError ? error.code : String(error)}`);
        then(text);
      },
    }));
  return { clock, queue, line: new FakeLine(), told, items };
}

function hasCode(code: ConnectorErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof ConnectorError && error.code === code;
}

const LOST = new ConnectorError('DISCONNECTED', 'gone');

test('with a line, items leave at once and in order', () => {
  const { queue, line, told, items, clock } = setup();
  queue.open(line);
  queue.add(items(['a', 'b']));
  queue.add(items(['c']));
  assert.deepEqual(line.said, ['a', 'b', 'c']);
  assert.deepEqual(told, ['a: sent', 'b: sent', 'c: sent']);
  assert.equal(queue.messages, 0);
  assert.equal(queue.bytes, 0);
  assert.equal(clock.pending, 0);
});

test('without a line items wait, and leave in order when there is one', () => {
  const { queue, line, told, items, clock } = setup();
  queue.add(items(['a', 'b']));
  queue.add(items(['c']));
  assert.deepEqual(told, []);
  assert.equal(queue.messages, 3);
  assert.equal(queue.bytes, 3 * CELL);
  queue.open(line);
  assert.deepEqual(line.said, ['a', 'b', 'c']);
  assert.equal(clock.pending, 0);
});

test('after a suspension items wait for the next line', () => {
  const { queue, line, items } = setup();
  queue.open(line);
  queue.suspend();
  queue.add(items(['a']));
  queue.pump();
  assert.deepEqual(line.said, []);
  const next = new FakeLine();
  queue.open(next);
  assert.deepEqual([line.said, next.said], [[], ['a']]);
});

test('on a line that is closed nothing leaves', () => {
  const { queue, line, told, items } = setup();
  line.isOpen = false;
  queue.open(line);
  queue.add(items(['a']));
  assert.deepEqual([line.said, told, queue.messages], [[], [], 1]);
});

test('so much is handed to the line ahead of the network, and no more', () => {
  const { queue, line, items } = setup();
  queue.open(line);
  line.queuedBytes = 256 * 1024 + 1;
  queue.add(items(['a']));
  assert.deepEqual(line.said, []);
  line.queuedBytes = 256 * 1024;
  queue.pump();
  assert.deepEqual(line.said, ['a']);
});

test('an item that cannot go yet is prepared for, and holds up those behind it', () => {
  const { queue, line, items } = setup();
  queue.open(line);
  line.blocked.add('b');
  queue.add(items(['a', 'b', 'c']));
  assert.deepEqual(line.said, ['a']);
  assert.deepEqual(new Set(line.prepared), new Set(['b']));
  line.blocked.clear();
  queue.pump();
  assert.deepEqual(line.said, ['a', 'b', 'c']);
});

test('an item that the line refuses is told why, and those behind it go', () => {
  const { queue, line, told, items } = setup();
  queue.open(line);
  line.failures.set('b', new ConnectorError('NOT_IN_ROOM', 'no'));
  queue.add(items(['a', 'b', 'c']));
  assert.deepEqual(told, ['a: sent', 'b: NOT_IN_ROOM', 'c: sent']);
});

test('past the count a send is refused with all its parts, and takes no room', () => {
  const { queue, line, told, items } = setup({ maxMessages: 3 });
  queue.add(items(['a', 'b']));
  assert.equal(queue.isFull, false);
  assert.throws(() => queue.add(items(['c', 'd'])), hasCode('QUEUE_FULL'));
  assert.equal(queue.messages, 2);
  queue.add(items(['e']));
  assert.equal(queue.isFull, true);
  assert.throws(() => queue.add(items(['f'])), hasCode('QUEUE_FULL'));
  assert.deepEqual(told, []);
  queue.open(line);
  assert.deepEqual(line.said, ['a', 'b', 'e']);
});

test('past the bytes a send is refused; packets count as they are on the wire', () => {
  const { queue, items } = setup({ maxBytes: 3 * CELL });
  queue.add(items(['a'.repeat(CELL - 31)]));
  assert.equal(queue.bytes, CELL);
  queue.add(items(['ä'.repeat((CELL - 30) / 2)]));
  assert.equal(queue.bytes, 3 * CELL);
  assert.equal(queue.isFull, true);
  assert.throws(() => queue.add(items(['b'])), hasCode('QUEUE_FULL'));
});

test('what TLS has not taken yet counts, too', () => {
  const { queue, line, items } = setup({ maxMessages: 2, maxBytes: 2 * CELL });
  queue.open(line);
  Object.assign(line, { untaken: 2 });
  assert.equal(queue.messages, 2);
  assert.throws(() => queue.add(items(['a'])), hasCode('QUEUE_FULL'));
  Object.assign(line, { untaken: 1, queuedBytes: 2 * CELL });
  assert.equal(queue.bytes, 2 * CELL);
  assert.throws(() => queue.add(items(['a'])), hasCode('QUEUE_FULL'));
  queue.suspend();
  assert.deepEqual([queue.messages, queue.bytes], [0, 0]);
});

test('items that have left make room', () => {
  const { queue, line, items } = setup({ maxMessages: 1, maxBytes: 1 });
  queue.open(line);
  for (let i = 0; i < 5000; i++) queue.add(items([String(i)]));
  assert.equal(line.said.length, 5000);
});

test('what has waited too long is refused, each item in its time', () => {
  const { queue, told, items, clock } = setup({ maxAgeMs: 10_000 });
  queue.add(items(['a', 'b']));
  clock.advance(4000);
  queue.add(items(['c']));
  clock.advance(5999);
  assert.deepEqual(told, []);
  clock.advance(1);
  assert.deepEqual(told, ['a: QUEUE_EXPIRED', 'b: QUEUE_EXPIRED']);
  assert.equal(queue.messages, 1);
  clock.advance(4000);
  assert.deepEqual(told.slice(2), ['c: QUEUE_EXPIRED']);
  assert.equal(queue.bytes, 0);
  assert.equal(clock.pending, 0);
});

test('the age counts over several lines, and for what is blocked', () => {
  const { queue, line, told, items, clock } = setup({ maxAgeMs: 10_000 });
  line.blocked.add('a');
  queue.add(items(['a', 'b']));
  clock.advance(6000);
  queue.open(line);
  clock.advance(4000);
  assert.deepEqual(told, ['a: QUEUE_EXPIRED', 'b: QUEUE_EXPIRED']);
});

test('when an item in front has expired, those behind it go', () => {
  const { queue, line, told, items, clock } = setup({ maxAgeMs: 10_000 });
  line.blocked.add('a');
  queue.open(line);
  queue.add(items(['a']));
  clock.advance(5000);
  queue.add(items(['b']));
  clock.advance(5000);
  assert.deepEqual(told, ['a: QUEUE_EXPIRED', 'b: sent']);
  assert.equal(clock.pending, 0);
});

test('what is withdrawn does not leave and is told nothing; what has left stays', () => {
  const { queue, line, told, items, clock } = setup();
  queue.open(line);
  line.blocked.add('b');
  const entry = queue.add(items(['a', 'b', 'c']));
  queue.add(items(['d']));
  queue.withdraw(entry);
  queue.withdraw(entry);
  assert.deepEqual(told, ['a: sent', 'd: sent']);
  assert.deepEqual([queue.messages, queue.bytes, clock.pending], [0, 0, 0]);
});

test('what is withdrawn in the middle is left out', () => {
  const { queue, line, told, items } = setup();
  queue.add(items(['a']));
  const entry = queue.add(items(['b', 'c']));
  queue.add(items(['d']));
  queue.withdraw(entry);
  assert.equal(queue.messages, 2);
  queue.open(line);
  assert.deepEqual(told, ['a: sent', 'd: sent']);
});

test('closing refuses all that waits, with the reason', () => {
  const { queue, line, told, items, clock } = setup();
  queue.add(items(['a', 'b']));
  queue.close(LOST);
  assert.deepEqual(told, ['a: DISCONNECTED', 'b: DISCONNECTED']);
  assert.deepEqual([queue.messages, queue.bytes, clock.pending], [0, 0, 0]);
  queue.add(items(['c']));
  queue.open(line);
  assert.deepEqual(line.said, ['c']);
});

test('what is blocked is refused up to the first that can go, and not what came later', () => {
  const { queue, line, told, items, clock } = setup();
  queue.open(line);
  for (const text of ['a', 'b', 'c', 'e']) line.blocked.add(text);
  queue.add(items(['a', 'b']));
  clock.advance(1);
  queue.add(items(['c', 'd', 'e']));
  queue.refuseBlocked(0, new ConnectorError('NO_ANSWER', 'no'));
  assert.deepEqual(told, ['a: NO_ANSWER', 'b: NO_ANSWER']);
  queue.refuseBlocked(1, new ConnectorError('NO_ANSWER', 'no'));
  assert.deepEqual(told.slice(2), ['c: NO_ANSWER', 'd: sent']);
  assert.equal(queue.messages, 1);
});

test('without a line nothing counts as blocked', () => {
  const { queue, told, items } = setup();
  queue.add(items(['a']));
  queue.refuseBlocked(0, LOST);
  assert.deepEqual(told, []);
});

test('when preparing refuses what is blocked, those behind it go', () => {
  const { queue, line, told, items } = setup();
  queue.open(line);
  line.blocked.add('a');
  line.onPrepare = () => queue.refuseBlocked(0, LOST);
  queue.add(items(['a', 'b']));
  assert.deepEqual(told, ['a: DISCONNECTED', 'b: sent']);
});

test('what is added while others are told comes behind them, each once', () => {
  const { queue, line, told, items } = setup();
  queue.add(
    items(['a', 'b'], (text) => {
      if (text === 'a') queue.add(items(['c']));
    }),
  );
  queue.open(line);
  assert.deepEqual(told, ['a: sent', 'b: sent', 'c: sent']);
  assert.equal(queue.messages, 0);
});

test('items that each add the next one do not pile up', () => {
  const { queue, line, told, items } = setup();
  queue.open(line);
  const next = (text: string): void => {
    if (text !== '20000') queue.add(items([String(Number(text) + 1)], next));
  };
  queue.add(items(['1'], next));
  assert.equal(told.length, 20_000);
  assert.equal(told.at(-1), '20000: sent');
});

test('what is added while others are refused waits for the next line', () => {
  const { queue, line, told, items, clock } = setup();
  const again = (): void => void queue.add(items(['again'], again));
  queue.add(items(['a'], again));
  queue.close(LOST);
  assert.deepEqual(told, ['a: DISCONNECTED']);
  assert.equal(queue.messages, 1);
  clock.advance(60_000);
  assert.deepEqual(told, ['a: DISCONNECTED', 'again: QUEUE_EXPIRED']);
  queue.close(LOST);
  assert.deepEqual(line.said, []);
});

test('what is withdrawn while another is told does not leave', () => {
  const { queue, line, told, items } = setup();
  let entry: readonly Queued[] = [];
  queue.add(items(['a'], () => queue.withdraw(entry)));
  entry = queue.add(items(['b']));
  queue.add(items(['c']));
  queue.open(line);
  assert.deepEqual(told, ['a: sent', 'c: sent']);
});

/** Counts how often the queue was flushed. */
async function countFlushes(queue: SendQueue, until: () => void): Promise<number> {
  let flushed = 0;
  const done = queue.whenFlushed().then(() => flushed++);
  await Promise.resolve();
  const before = flushed;
  until();
  await done;
  return before;
}

test('an empty outbox is flushed at once', async () => {
  const { queue, line } = setup();
  await queue.whenFlushed();
  queue.open(line);
  await queue.whenFlushed();
});

test('it is flushed when TLS has taken all', async () => {
  const { queue, line, items } = setup();
  queue.open(line);
  line.untaken = 1;
  queue.add(items(['a']));
  const before = await countFlushes(queue, () => {
    line.untaken = 0;
    queue.pump();
  });
  assert.equal(before, 0);
});

for (const [name, end] of [
  ['all was refused', ({ queue }) => queue.close(LOST)],
  ['all has expired', ({ clock }) => clock.advance(60_000)],
  ['all was sent on the next line', ({ queue, line }) => queue.open(line)],
] satisfies [string, (parts: Setup) => void][]) {
  test(`it is flushed when ${name}`, async () => {
    const parts = setup();
    parts.queue.add(parts.items(['a']));
    assert.equal(await countFlushes(parts.queue, () => end(parts)), 0);
  });
}

test('it is flushed when all was withdrawn', async () => {
  const { queue, items } = setup();
  const entry = queue.add(items(['a']));
  assert.equal(await countFlushes(queue, () => queue.withdraw(entry)), 0);
});

test('it is flushed when the line is gone that had not taken all', async () => {
  const { queue, line } = setup();
  queue.open(line);
  line.untaken = 1;
  assert.equal(await countFlushes(queue, () => queue.suspend()), 0);
});
