// Tests the dice bot against a server in the same process.
//   node --test examples/dist/dice-bot.test.js
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestChat } from '@quietroom/bot/testing';
import { diceBot } from './dice-bot.js';

test('The bot rolls dice, and says what is wrong', async (t) => {
  const chat = await TestChat.start();
  t.after(() => chat.close());
  await chat.add(diceBot(chat.config('DiceBot')));
  const alice = await chat.join('alice');
  assert.match(await alice.ask('DiceBot', '!roll'), /^You rolled [1-6]\.$/);
  assert.match(await alice.ask('DiceBot', '!r 6 2'), /^You rolled \d \+ \d = \d+\.$/);
  assert.match(await alice.ask('DiceBot', '!roll six'), /sides must be a whole number from 2 to 1000/);
});
