import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, TIMEOUT_MS } from '../replies/replyMatcherClient.js';
import { burst } from './busyServer.js';

/** A server whose queue is smaller than that of real ones, so that few messages fill it. */
const CAPACITY = 256;

test('messages at once are all accepted by a server that drops echoes, when fewer are in flight than it holds', async () => {
  const { counts, dropped } = await burst(1500, { maxInFlight: CAPACITY / 2 }, CAPACITY);
  assert.deepEqual({ counts, dropped }, { counts: { accepted: 1500 }, dropped: 0 });
});

test('the same server drops echoes of a client with more in flight', async () => {
  const { counts, dropped } = await burst(1500, { maxInFlight: 1500, answerTimeout: 1 }, CAPACITY);
  const { accepted = 0, unconfirmed = 0 } = counts;
  assert.equal(accepted + unconfirmed, 1500);
  // It may have dropped the answers to questions, too.
  assert.ok(unconfirmed > 0 && unconfirmed <= dropped, `${unconfirmed} unconfirmed, ${dropped} dropped`);
});

test('60,000 messages to a server that answers 500 a second: none is unconfirmed', () => {
  const client = new Client();
  for (let index = 0; index < 60_000; index++) client.send(`/msg bob ${index}`);
  for (let index = 0; index < 60_000; index++) {
    client.receive(`[DM to bob]: ${index}`);
    if (index % 50 === 0) client.clock.advance(100);
  }
  assert.ok(client.clock.now() > 10 * TIMEOUT_MS);
  assert.ok(!client.outcomes.includes('no-answer'));
  assert.equal(client.answers.waiting, 0);
});

test('messages behind others in the lane of the lobby wait as long as answers come', () => {
  const client = new Client();
  for (let index = 0; index < 100; index++) client.send(`/msg bob ${index}`);
  client.send('hi');
  for (let index = 0; index < 100; index++) {
    client.clock.advance(TIMEOUT_MS / 10);
    client.receive(`[DM to bob]: ${index}`);
  }
  client.receive('[12:00:00] me: hi');
  assert.ok(!client.outcomes.includes('no-answer'));
});

test('the time-out counts from the last answer: after that, silence ends all', () => {
  const client = new Client();
  client.send('/msg bob 1');
  client.send('/msg bob 2');
  client.clock.advance(TIMEOUT_MS - 1);
  client.receive('[DM to bob]: 1');
  client.clock.advance(TIMEOUT_MS - 1);
  assert.deepEqual(client.outcomes, ['[DM to bob]: 1', 'waiting']);
  client.clock.advance(1);
  assert.deepEqual(client.outcomes, ['[DM to bob]: 1', 'no-answer']);
});
