import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ReplyQueue } from '#src/replies/replyQueue.js';
import { Client, TestRequest } from './replyMatcherClient.js';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  collect();
}

function request(number: number): TestRequest {
  const made = new TestRequest(() => {});
  made.number = number;
  made.state = 'waiting';
  return made;
}

test('a queue leaves out what no longer belongs, in order, however much was removed', () => {
  const queue = new ReplyQueue(({ state }) => state === 'waiting');
  const requests = Array.from({ length: 1000 }, (_, index) => request(index));
  for (const each of requests) queue.add(each);
  for (const each of requests.slice(0, 700)) each.state = 'over';
  assert.equal(queue.first?.number, 700);
  for (const each of requests.slice(701, 990)) each.state = 'over';
  assert.equal(queue.first?.number, 700);
  for (const each of requests) each.state = 'over';
  assert.equal(queue.first, undefined);
});

test('a stream of requests and replies keeps nothing of those that are over', async () => {
  const client = new Client();
  const settled: WeakRef<object>[] = [];
  for (let index = 0; index < 20_000; index++) {
    const number = client.send(index % 2 === 0 ? 'hi' : `/msg bob ${index}`);
    const pending = client.pending[number];
    if (pending) settled.push(new WeakRef(pending));
    client.pending[number] = undefined;
    client.receive(index % 2 === 0 ? '[12:00:00] me: hi' : `[DM to bob]: ${index}`);
  }
  assert.equal(client.answers.waiting, 0);
  // A WeakRef holds its target until the end of the turn.
  await turn();
  collectGarbage();
  assert.ok(settled.filter((ref) => ref.deref() !== undefined).length < 500);
});
