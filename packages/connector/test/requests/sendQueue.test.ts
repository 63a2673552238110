import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.js';
import { PendingRequest } from '#src/requests/pendingRequest.js';
import type { Outcome } from '#src/replies/outcome.js';
import type { Request } from '#src/requests/request.js';
import { SendQueue, type RequestSink, type SendQueueLimits } from '#src/requests/sendQueue.js';

const NO_ANSWER: Outcome = { type: 'unanswered', reason: 'no-answer' };
const CELL = 512;

/** A sink that records what it sends. */
class FakeSink implements RequestSink {
  readonly sent: string[] = [];
  readonly refused: string[] = [];
  isOpen = true;
  /** Texts that have to wait. */
  readonly blocked = new Set<string>();
  /** The errors that texts fail with. */
  readonly failures = new Map<string, Error>();
  /** TLS takes at once what is sent. */
  takesAtOnce = true;
  readonly #queue: SendQueue;

  constructor(queue: SendQueue) {
    this.#queue = queue;
  }

  offer(pending: PendingRequest): boolean {
    const text = textOf(pending.request);
    const failure = this.failures.get(text);
    if (failure) throw failure;
    if (!this.isOpen || this.blocked.has(text)) {
      this.refused.push(text);
      return false;
    }
    this.sent.push(text);
    if (this.takesAtOnce) this.#queue.onTaken(1, pending.bytes);
    pending.settle(NO_ANSWER);
    return true;
  }
}

function textOf(request: Request): string {
  return 'text' in request ? request.text : '';
}

interface Setup {
  readonly clock: FakeClock;
  readonly queue: SendQueue;
  readonly sink: FakeSink;
  /** What became of each request, in order: its text, and `sent` or the code of an error. */
  readonly told: string[];
  /** Requests for chat that record what became of them, and do something then. */
  readonly chat: (texts: readonly string[], then?: (text: string) => void) => PendingRequest[];
}

function setup(limits: Partial<SendQueueLimits> = {}): Setup {
  const clock = new FakeClock();
  const queue = new SendQueue(clock, { maxBytes: 1_000_000, maxMessages: 1000, maxAgeMs: 60_000, ...limits });
  const told: string[] = [];
  const chat = (texts: readonly string[], then: (text: string) => void = () => {}): PendingRequest[] =>
    texts.map((text) => {
      const pending: PendingRequest = new PendingRequest(
        { type: 'chat', room: undefined, text },
        {
          requestSettled() {
            const { outcome, error } = pending;
            const code = error instanceof ConnectorError ? error.code : String(error);
            told.push(`${text}: ${outcome ? 'sent' : code}`);
            then(text);
          },
        },
      );
      return pending;
    });
  return { clock, queue, sink: new FakeSink(queue), told, chat };
}

function hasCode(code: ConnectorErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof ConnectorError && error.code === code;
}

const LOST = new ConnectorError('DISCONNECTED', 'gone');

test('with a sink, requests are sent at once and in order', () => {
  const { queue, sink, told, chat, clock } = setup();
  queue.open(sink);
  queue.add(chat(['a', 'b']));
  queue.add(chat(['c']));
  assert.deepEqual(sink.sent, ['a', 'b', 'c']);
  assert.deepEqual(told, ['a: sent', 'b: sent', 'c: sent']);
  assert.equal(queue.messages, 0);
  assert.equal(queue.bytes, 0);
  assert.equal(clock.pending, 0);
});

test('without a sink requests wait, and are sent in order when there is one', () => {
  const { queue, sink, told, chat, clock } = setup();
  queue.add(chat(['a', 'b']));
  queue.add(chat(['c']));
  assert.deepEqual(told, []);
  assert.equal(queue.messages, 3);
  assert.equal(queue.bytes, 3 * CELL);
  queue.open(sink);
  assert.deepEqual(sink.sent, ['a', 'b', 'c']);
  assert.equal(clock.pending, 0);
});

test('after a suspension requests wait for the next sink', () => {
  const { queue, sink, chat } = setup();
  queue.open(sink);
  queue.suspend();
  queue.add(chat(['a']));
  queue.pump();
  assert.deepEqual(sink.sent, []);
  const next = new FakeSink(queue);
  queue.open(next);
  assert.deepEqual([sink.sent, next.sent], [[], ['a']]);
});

test('nothing is sent to a sink that is closed', () => {
  const { queue, sink, told, chat } = setup();
  sink.isOpen = false;
  queue.open(sink);
  queue.add(chat(['a']));
  assert.deepEqual([sink.sent, told, queue.messages], [[], [], 1]);
});

test('a request that cannot go yet holds up those behind it', () => {
  const { queue, sink, chat } = setup();
  queue.open(sink);
  sink.blocked.add('b');
  queue.add(chat(['a', 'b', 'c']));
  assert.deepEqual(sink.sent, ['a']);
  assert.deepEqual(new Set(sink.refused), new Set(['b']));
  sink.blocked.clear();
  queue.pump();
  assert.deepEqual(sink.sent, ['a', 'b', 'c']);
});

test('a request that the sink refuses is told why, and those behind it are sent', () => {
  const { queue, sink, told, chat } = setup();
  queue.open(sink);
  sink.failures.set('b', new ConnectorError('NOT_IN_ROOM', 'no'));
  queue.add(chat(['a', 'b', 'c']));
  assert.deepEqual(told, ['a: sent', 'b: NOT_IN_ROOM', 'c: sent']);
});

test('past the limit of messages a call is refused with all its parts, and takes no room', () => {
  const { queue, sink, told, chat } = setup({ maxMessages: 3 });
  queue.add(chat(['a', 'b']));
  assert.equal(queue.isFull, false);
  assert.throws(() => queue.add(chat(['c', 'd'])), hasCode('QUEUE_FULL'));
  assert.equal(queue.messages, 2);
  queue.add(chat(['e']));
  assert.equal(queue.isFull, true);
  assert.throws(() => queue.add(chat(['f'])), hasCode('QUEUE_FULL'));
  assert.deepEqual(told, []);
  queue.open(sink);
  assert.deepEqual(sink.sent, ['a', 'b', 'e']);
});

test('past the limit of bytes a call is refused; packets count as they are on the wire', () => {
  const { queue, chat } = setup({ maxBytes: 3 * CELL });
  queue.add(chat(['a'.repeat(CELL - 31)]));
  assert.equal(queue.bytes, CELL);
  queue.add(chat(['ä'.repeat((CELL - 30) / 2)]));
  assert.equal(queue.bytes, 3 * CELL);
  assert.equal(queue.isFull, true);
  assert.throws(() => queue.add(chat(['b'])), hasCode('QUEUE_FULL'));
});

test('requests that TLS has not taken yet count, too', () => {
  const { queue, sink, chat } = setup({ maxMessages: 2, maxBytes: 2 * CELL });
  queue.open(sink);
  sink.takesAtOnce = false;
  queue.add(chat(['a', 'b']));
  assert.deepEqual([sink.sent, queue.messages, queue.bytes], [['a', 'b'], 2, 2 * CELL]);
  assert.throws(() => queue.add(chat(['c'])), hasCode('QUEUE_FULL'));
  queue.onTaken(1, CELL);
  assert.deepEqual([queue.messages, queue.bytes], [1, CELL]);
  queue.add(chat(['c']));
  queue.suspend();
  assert.deepEqual([queue.messages, queue.bytes], [0, 0]);
});

test('requests that were sent make room', () => {
  const { queue, sink, chat } = setup({ maxMessages: 1, maxBytes: 1 });
  queue.open(sink);
  for (let i = 0; i < 5000; i++) queue.add(chat([String(i)]));
  assert.equal(sink.sent.length, 5000);
});

test('a request that has waited too long is refused, each in its time', () => {
  const { queue, told, chat, clock } = setup({ maxAgeMs: 10_000 });
  queue.add(chat(['a', 'b']));
  clock.advance(4000);
  queue.add(chat(['c']));
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

test('the age counts across connections, and for blocked requests', () => {
  const { queue, sink, told, chat, clock } = setup({ maxAgeMs: 10_000 });
  sink.blocked.add('a');
  queue.add(chat(['a', 'b']));
  clock.advance(6000);
  queue.open(sink);
  clock.advance(4000);
  assert.deepEqual(told, ['a: QUEUE_EXPIRED', 'b: QUEUE_EXPIRED']);
});

test('when a blocked request has expired, those behind it are sent', () => {
  const { queue, sink, told, chat, clock } = setup({ maxAgeMs: 10_000 });
  sink.blocked.add('a');
  queue.open(sink);
  queue.add(chat(['a']));
  clock.advance(5000);
  queue.add(chat(['b']));
  clock.advance(5000);
  assert.deepEqual(told, ['a: QUEUE_EXPIRED', 'b: sent']);
  assert.equal(clock.pending, 0);
});

test('a withdrawn request is not sent and told nothing; a sent one cannot be withdrawn', () => {
  const { queue, sink, told, chat, clock } = setup();
  queue.open(sink);
  sink.blocked.add('b');
  const entry = chat(['a', 'b', 'c']);
  queue.add(entry);
  queue.add(chat(['d']));
  queue.withdraw(entry);
  queue.withdraw(entry);
  assert.deepEqual(told, ['a: sent', 'd: sent']);
  assert.deepEqual([queue.messages, queue.bytes, clock.pending], [0, 0, 0]);
});

test('a request that is withdrawn from the middle is skipped', () => {
  const { queue, sink, told, chat } = setup();
  queue.add(chat(['a']));
  const entry = chat(['b', 'c']);
  queue.add(entry);
  queue.add(chat(['d']));
  queue.withdraw(entry);
  assert.equal(queue.messages, 2);
  queue.open(sink);
  assert.deepEqual(told, ['a: sent', 'd: sent']);
});

test('closing refuses everything that waits, with the reason', () => {
  const { queue, sink, told, chat, clock } = setup();
  queue.add(chat(['a', 'b']));
  queue.close(LOST);
  assert.deepEqual(told, ['a: DISCONNECTED', 'b: DISCONNECTED']);
  assert.deepEqual([queue.messages, queue.bytes, clock.pending], [0, 0, 0]);
  queue.add(chat(['c']));
  queue.open(sink);
  assert.deepEqual(sink.sent, ['c']);
});

test('requests that fail when they are offered again make room for those behind them', () => {
  const { queue, sink, told, chat } = setup();
  queue.open(sink);
  for (const text of ['a', 'b', 'd']) sink.blocked.add(text);
  queue.add(chat(['a', 'b', 'c', 'd']));
  for (const text of ['a', 'b']) sink.failures.set(text, new ConnectorError('NO_ANSWER', 'no'));
  queue.pump();
  assert.deepEqual(told, ['a: NO_ANSWER', 'b: NO_ANSWER', 'c: sent']);
  assert.equal(queue.messages, 1);
});

test('an offer that closes the queue refuses each request once', () => {
  const { queue, told, chat } = setup();
  queue.open({
    offer() {
      queue.suspend();
      queue.close(LOST);
      return false;
    },
  });
  queue.add(chat(['a', 'b']));
  assert.deepEqual(told, ['a: DISCONNECTED', 'b: DISCONNECTED']);
  assert.deepEqual([queue.messages, queue.bytes], [0, 0]);
});

test('requests added by a callback come behind the others, each once', () => {
  const { queue, sink, told, chat } = setup();
  queue.add(
    chat(['a', 'b'], (text) => {
      if (text === 'a') queue.add(chat(['c']));
    }),
  );
  queue.open(sink);
  assert.deepEqual(told, ['a: sent', 'b: sent', 'c: sent']);
  assert.equal(queue.messages, 0);
});

test('20,000 requests that each add the next one do not overflow the stack', () => {
  const { queue, sink, told, chat } = setup();
  queue.open(sink);
  const next = (text: string): void => {
    if (text !== '20000') queue.add(chat([String(Number(text) + 1)], next));
  };
  queue.add(chat(['1'], next));
  assert.equal(told.length, 20_000);
  assert.equal(told.at(-1), '20000: sent');
});

test('requests added while others are refused wait for the next sink', () => {
  const { queue, sink, told, chat, clock } = setup();
  const again = (): void => queue.add(chat(['again'], again));
  queue.add(chat(['a'], again));
  queue.close(LOST);
  assert.deepEqual(told, ['a: DISCONNECTED']);
  assert.equal(queue.messages, 1);
  clock.advance(60_000);
  assert.deepEqual(told, ['a: DISCONNECTED', 'again: QUEUE_EXPIRED']);
  queue.close(LOST);
  assert.deepEqual(sink.sent, []);
});

test('a request that a callback withdraws is not sent', () => {
  const { queue, sink, told, chat } = setup();
  let entry: PendingRequest[] = [];
  queue.add(chat(['a'], () => queue.withdraw(entry)));
  entry = chat(['b']);
  queue.add(entry);
  queue.add(chat(['c']));
  queue.open(sink);
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

test('an empty queue is flushed at once', async () => {
  const { queue, sink } = setup();
  await queue.whenFlushed();
  queue.open(sink);
  await queue.whenFlushed();
});

test('it is flushed when TLS has taken everything', async () => {
  const { queue, sink, chat } = setup();
  queue.open(sink);
  sink.takesAtOnce = false;
  queue.add(chat(['a']));
  const before = await countFlushes(queue, () => queue.onTaken(1, CELL));
  assert.equal(before, 0);
});

for (const [name, end] of [
  ['all was refused', ({ queue }) => queue.close(LOST)],
  ['all has expired', ({ clock }) => clock.advance(60_000)],
  ['all was sent on the next sink', ({ queue, sink }) => queue.open(sink)],
] satisfies [string, (parts: Setup) => void][]) {
  test(`it is flushed when ${name}`, async () => {
    const parts = setup();
    parts.queue.add(parts.chat(['a']));
    assert.equal(await countFlushes(parts.queue, () => end(parts)), 0);
  });
}

test('it is flushed when everything was withdrawn', async () => {
  const { queue, chat } = setup();
  const entry = chat(['a']);
  queue.add(entry);
  assert.equal(await countFlushes(queue, () => queue.withdraw(entry)), 0);
});

test('it is flushed when the connection closes before TLS has taken everything', async () => {
  const { queue, sink, chat } = setup();
  queue.open(sink);
  sink.takesAtOnce = false;
  queue.add(chat(['a']));
  assert.equal(await countFlushes(queue, () => queue.suspend()), 0);
});
