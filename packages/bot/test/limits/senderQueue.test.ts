import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import { Lane, SenderQueue } from '#src/limits/senderQueue.js';

/** Tasks that end when they are told to. */
class Tasks {
  readonly started: string[] = [];
  readonly #end = new Map<string, () => void>();

  readonly #lanes = new Map<string, Lane>();

  lane(sender: string): Lane {
    const lane = this.#lanes.get(sender) ?? new Lane();
    this.#lanes.set(sender, lane);
    return lane;
  }

  readonly make = (name: string) => (): Promise<void> => {
    this.started.push(name);
    return new Promise((resolve) => this.#end.set(name, resolve));
  };

  async end(name: string): Promise<void> {
    this.#end.get(name)?.();
    await turn();
  }
}

test('one sender in order, others at once', async () => {
  const queue = new SenderQueue(10, 5);
  const tasks = new Tasks();
  for (const name of ['a1', 'a2', 'b1']) queue.add(tasks.lane(name.slice(0, 1)), tasks.make(name));
  assert.deepEqual(tasks.started, ['a1', 'b1']);
  await tasks.end('a1');
  assert.deepEqual(tasks.started, ['a1', 'b1', 'a2']);
});

test('a sender with too many waiting messages is refused, others are not', () => {
  const queue = new SenderQueue(10, 2);
  const tasks = new Tasks();
  assert.deepEqual(
    ['a1', 'a2', 'a3', 'a4'].map((name) => queue.add(tasks.lane('a'), tasks.make(name))),
    [true, true, true, false],
  );
  assert.equal(queue.add(tasks.lane('b'), tasks.make('b1')), true);
});

test('at the limit of all the longest wait comes first, and no sender overtakes', async () => {
  const queue = new SenderQueue(1, 5);
  const tasks = new Tasks();
  for (const name of ['a1', 'a2', 'b1', 'c1']) queue.add(tasks.lane(name.slice(0, 1)), tasks.make(name));
  for (const name of ['a1', 'b1', 'c1', 'a2']) {
    assert.equal(tasks.started.at(-1), name);
    assert.equal(queue.running, 1);
    await tasks.end(name);
  }
  assert.deepEqual([queue.running, queue.waiting], [0, 0]);
});

test('a paused task frees its place and takes one again', async () => {
  const queue = new SenderQueue(1, 5);
  const tasks = new Tasks();
  queue.add(tasks.lane('a'), tasks.make('a1'));
  queue.add(tasks.lane('b'), tasks.make('b1'));
  queue.pause();
  assert.deepEqual(tasks.started, ['a1', 'b1']);
  let isResumed = false;
  void queue.resume().then(() => (isResumed = true));
  await turn();
  assert.equal(isResumed, false);
  await tasks.end('b1');
  assert.equal(isResumed, true);
});

test('many tasks that end at once neither nest nor starve', async () => {
  const queue = new SenderQueue(1, 5);
  const tasks = new Tasks();
  let count = 0;
  queue.add(tasks.lane('first'), tasks.make('first'));
  for (let index = 0; index < 20_000; index++) queue.add(new Lane(), () => void count++);
  const idle = queue.idle();
  await tasks.end('first');
  await idle;
  assert.equal(count, 20_000);
});
