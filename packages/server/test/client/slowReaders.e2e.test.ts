import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { ReadRate } from '#src/client/readRate.js';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

test('The rate of a reader is known after two seconds, and that of the last two counts', () => {
  const rate = new ReadRate(0);
  assert.equal(rate.isBelow(1000, 1999), false);
  rate.took(1500, 1999);
  assert.equal(rate.isBelow(1000, 2000), true);
  rate.took(10_000, 3000);
  assert.equal(rate.isBelow(1000, 4000), false);
  assert.equal(rate.isBelow(1000, 6000), true);
});

test('A fast sender waits for a slow reader, others do not; nobody who reads is closed', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false, maxQueuedBytes: 1_048_576 });
  const slow = await WireClient.login(server, 'slow');
  const fast = await WireClient.login(server, 'fast');
  const carol = await WireClient.login(server, 'carol');
  slow.socket.pause();
  const count = 20_000;
  for (let index = 0; index < count; index++) fast.send(`/msg slow ${index} ${'x'.repeat(400)}`);
  // The sender is held: what it sent is not handled any more.
  for (let same = 0, last = -1; same < 20;) {
    await carol.settle();
    const { deliveries } = server.stats().messages;
    same = deliveries - last <= 1 ? same + 1 : 0;
    last = deliveries;
  }
  assert.equal(server.admin.clients().find(({ name }) => name === 'fast')?.slowedBy, 'slowReader');
  const { queue } = server.stats();
  assert.ok(queue.largestBytes < 524_288, `${queue.largestBytes} bytes wait`);
  await carol.ask('/msg fast hi');
  await fast.until('[DM from carol]: hi');
  await carol.ask('/msg slow hi');
  slow.socket.resume();
  await slow.until(`[DM from fast]: ${count - 1} ${'x'.repeat(400)}`);
  assert.equal(slow.received.filter((text) => text.startsWith('[DM from fast]')).length, count);
  assert.deepEqual(server.users, ['slow', 'fast', 'carol']);
});

test('When memory is short, the slow reader for which most waits is closed, and the others stay', async (t) => {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, {
    clock,
    decoyTraffic: false,
    log: book.log,
    idleTimeout: 86_400,
    maxMemoryBytes: 16 * 1_048_576,
    maxQueuedBytes: 256 * 1_048_576,
  });
  const slow = await WireClient.login(server, 'slow');
  const other = await WireClient.login(server, 'other');
  const fast = await WireClient.login(server, 'fast');
  slow.socket.pause();
  let asked = 0;
  while (server.users.includes('slow')) {
    for (let index = 0; index < 50; index++) fast.send(`/msg slow ${'x'.repeat(4000)}`);
    await fast.settle();
    clock.advance(3000);
    assert.ok(++asked < 1000, 'the slow reader is still there');
  }
  // What does not read does not close either.
  clock.advance(5000);
  assert.equal((await book.nth('closed', 1)).reason, 'queueFull');
  assert.deepEqual(await other.ask('/msg fast hi'), ['[DM to fast]: hi']);
  slow.socket.destroy();
});

test('Input that is kept during a slow request is handled, also when memory is tight because of nothing else', async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, {
    clock,
    decoyTraffic: false,
    maxInputBytes: 64 * 1_048_576,
    maxMemoryBytes: 16 * 1_048_576,
  });
  const bob = await WireClient.login(server, 'bob');
  const fast = await WireClient.login(server, 'fast');
  await bob.ask('/join #a secret');
  await fast.ask('/join #a wrong');
  // The reply to the second attempt comes a second later.
  fast.send('/join #a wrong');
  const count = 25_000;
  for (let index = 0; index < count; index++) fast.send(`/msg bob ${index}`);
  for (let same = 0, last = -1; same < 20;) {
    await bob.settle();
    const read = server.stats().bytes.in;
    same = read - last < 1000 ? same + 1 : 0;
    last = read;
  }
  clock.advance(1000);
  await bob.until(`[DM from fast]: ${count - 1}`);
  assert.equal(bob.received.filter((text) => text.startsWith('[DM from fast]')).length, count);
});
