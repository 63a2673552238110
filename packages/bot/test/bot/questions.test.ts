import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '@quietroom/bot/testing';
import { botOn, chatFor, until } from './botTest.js';

test('a question takes the next message of that person in that place', async (t) => {
  const chat = await chatFor(t);
  await botOn(chat, { rooms: ['#ops'], maxConcurrent: 1 }, (bot) => {
    bot.command('where', async (ctx) => {
      const host = await ctx.ask('Which host?');
      const port = await ctx.ask('Which port?');
      await ctx.reply(`${host}:${port}`);
    });
    bot.command('ping', (ctx) => ctx.reply('pong'));
  });
  const alice = await chat.join('alice', '#ops');
  const bob = await chat.join('bob');
  assert.equal(await alice.ask('Bot', '!where'), 'Which host?');
  // The only place for handlers is free while the question waits.
  assert.equal(await bob.ask('Bot', '!ping'), 'pong');
  await alice.say('#ops', 'not the answer');
  assert.equal(await alice.ask('Bot', 'db1'), 'Which port?');
  assert.equal(await alice.ask('Bot', '22'), 'db1:22');
});

test('a question ends by cancel, time and signal', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const stop = new AbortController();
  await botOn(chat, { clock }, (bot) => {
    bot.command('ask', (ctx) => ctx.ask('Well?', { timeout: 30, signal: stop.signal }));
    bot.catch((error, ctx) => ctx?.reply(String(error)));
  });
  const alice = await chat.join('alice');
  await alice.ask('Bot', '!ask');
  assert.equal(await alice.ask('Bot', '!cancel'), 'Cancelled.');
  await alice.ask('Bot', '!ask');
  await clock.advance(30);
  await alice.hears(/There was no answer within 30 seconds/);
  await alice.ask('Bot', '!ask');
  stop.abort(new Error('enough'));
  await alice.hears(/enough/);
});

test('a question ends when the person leaves, and whoever takes the name cannot answer it', async (t) => {
  const chat = await chatFor(t);
  const ends: unknown[] = [];
  await botOn(chat, {}, (bot) => {
    bot.command('ask', (ctx) => ctx.ask('Secret?').catch((error: unknown) => ends.push(error)));
    bot.hears(/.*/, (ctx) => ctx.reply(`heard ${ctx.text}`));
  });
  const alice = await chat.join('alice');
  await alice.ask('Bot', '!ask');
  await alice.leave();
  await until(() => ends.length === 1);
  assert.match(String(ends[0]), /alice has left/);
  const other = await chat.join('alice');
  assert.equal(await other.ask('Bot', 'hello'), 'heard hello');
});
