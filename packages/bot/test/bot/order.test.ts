import assert from 'node:assert/strict';
import test from 'node:test';
import type { Bot } from '@quietroom/bot';
import { FakeClock } from '@quietroom/bot/testing';
import { botOn, chatFor, reconnect, until } from './botTest.js';

test('messages of one sender wait for each other, an immediate command does not', async (t) => {
  const chat = await chatFor(t);
  const order: string[] = [];
  const finish: (() => void)[] = [];
  await botOn(chat, { maxQueuedPerSender: 1 }, (bot) => {
    bot.command('slow', () => new Promise<void>((resolve) => void finish.push(resolve)));
    bot.command('stop', { immediate: true }, () => (order.push('stop'), finish[0]?.()));
    bot.hears(/.*/, (ctx) => order.push(ctx.text));
  });
  const alice = await chat.join('alice');
  await alice.dm('Bot', '!slow');
  await alice.dm('Bot', 'waits');
  assert.match(await alice.ask('Bot', 'one too many'), /busy/);
  const bob = await chat.join('bob');
  await bob.dm('Bot', 'bob');
  await alice.dm('Bot', '!stop');
  await until(() => order.length === 3);
  assert.deepEqual(order, ['bob', 'stop', 'waits']);
});

test('who writes too much is told once, and then not heard for a while', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const bot = await botOn(chat, { clock, rateLimit: { messages: 2, seconds: 60 } }, (made) =>
    made.command('ping', (ctx) => ctx.reply('pong')),
  );
  const alice = await chat.join('alice');
  for (let count = 0; count < 5; count++) await alice.dm('Bot', '!ping');
  await until(() => bot.stats().rateLimited === 3);
  await alice.hears(/Too many messages. Try again in 30 seconds/);
  assert.equal(alice.heard.length, 3);
  await clock.advance(30);
  assert.equal(await alice.ask('Bot', '!ping'), 'pong');
});

const parrot = (bot: Bot): Bot => bot.hears(/.*/, (ctx) => ctx.reply(`You said: ${ctx.text}`.slice(0, 200)));

test('two bots that answer each other stop by themselves', async (t) => {
  const chat = await chatFor(t);
  const loopGuard = { messages: 5, pause: 60 };
  const first = await botOn(chat, { loopGuard }, parrot);
  const second = await botOn(chat, { ...chat.config('Other'), loopGuard }, parrot);
  await first.connector.sendDm('Other', 'hello');
  await until(() => first.stats().loopGuarded + second.stats().loopGuarded >= 2);
  assert.ok(first.stats().handled + second.stats().handled <= 12);
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', 'hi'), 'You said: hi');
});

test('stop lets handlers finish, then aborts their signal, and takes no more messages', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const events: string[] = [];
  const finish: (() => void)[] = [];
  const bot = await botOn(chat, { clock }, (made) => {
    made.command('short', async (ctx) => {
      await new Promise<void>((resolve) => void finish.push(resolve));
      await ctx.reply('finished');
    });
    made.command('long', (ctx) => {
      events.push('long');
      ctx.signal.addEventListener('abort', () => events.push('aborted'));
      return new Promise(() => {});
    });
    made.command('ask', (ctx) => ctx.ask('Well?').catch((error: unknown) => events.push(String(error))));
  });
  const [alice, bob, carol] = [await chat.join('alice'), await chat.join('bob'), await chat.join('carol')];
  await alice.dm('Bot', '!short');
  await bob.dm('Bot', '!long');
  await carol.ask('Bot', '!ask');
  await until(() => events.includes('long'));
  const stopped = bot.stop({ timeout: 10 });
  await until(() => events.length === 2);
  finish[0]?.();
  await alice.hears(/finished/);
  await carol.dm('Bot', '!short');
  await clock.advance(9.9);
  assert.deepEqual(events, ['long', 'BotError: The bot stops.']);
  await clock.advance(0.1);
  assert.equal(events.at(-1), 'aborted');
  await stopped;
  assert.deepEqual(chat.server.users.includes('Bot'), false);
  assert.equal(bot.stats().handled, 3);
});

test('tasks run at their interval while the bot is connected', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  let ticks = 0;
  const bot = await botOn(chat, { clock, reconnect: { initialDelay: 100 } }, (made) =>
    made.every('1 m', () => ticks++),
  );
  await clock.advance(50);
  await reconnect(chat, bot, clock);
  assert.equal(ticks, 0);
  await clock.advance(10);
  assert.equal(ticks, 1);
  await assert.rejects(bot.start(), /only once/);
});
