import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { FileSessionStorage, type Bot, type BotOptions } from '@quietroom/bot';
import { FakeClock } from '@quietroom/bot/testing';
import { botOn, chatFor, reconnect, until } from './botTest.js';

interface Count {
  n: number;
}

const initial = (): Count => ({ n: 0 });
const counting = (bot: Bot<Count>): Bot<Count> =>
  bot.command('count', (ctx) => ctx.reply(`${++ctx.session.n}`));

test('a session ends when the name leaves', async (t) => {
  const chat = await chatFor(t);
  await botOn(chat, { session: { initial } }, counting);
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', '!count'), '1');
  assert.equal(await alice.ask('Bot', '!count'), '2');
  await alice.leave();
  const other = await chat.join('alice');
  assert.equal(await other.ask('Bot', '!count'), '1');
});

test('a session ends when it is unused for long', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  await botOn(chat, { clock, presenceIdle: 100, session: { initial } }, counting);
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', '!count'), '1');
  await clock.advance(99);
  assert.equal(await alice.ask('Bot', '!count'), '2');
  await clock.advance(100);
  assert.equal(await alice.ask('Bot', '!count'), '1');
});

test('a reconnect keeps the sessions of those who are still there, and ends those of others', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const bot = await botOn(chat, { clock, session: { initial } }, counting);
  const [alice, bob] = [await chat.join('alice'), await chat.join('bob')];
  await alice.ask('Bot', '!count');
  await bob.ask('Bot', '!count');
  await reconnect(chat, bot, clock, () => bob.leave());
  await until(() => bot.stats().presences === 1);
  const other = await chat.join('bob');
  assert.equal(await other.ask('Bot', '!count'), '1');
  assert.equal(await alice.ask('Bot', '!count'), '2');
});

test('stored sessions survive a restart of the bot, for those who are still there', async (t) => {
  const chat = await chatFor(t);
  const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
  t.after(() => rm(folder, { recursive: true }));
  const storage = (): FileSessionStorage<Count> => new FileSessionStorage(join(folder, 'sessions.json'));
  const options = (): BotOptions<Count> => ({ session: { initial, storage: storage() } });
  const bot = await botOn(chat, options(), counting);
  const [alice, bob] = [await chat.join('alice'), await chat.join('bob')];
  await alice.ask('Bot', '!count');
  await bob.ask('Bot', '!count');
  await bot.stop();
  assert.deepEqual(await storage().names(), ['alice', 'bob']);
  await bob.leave();
  const again = await botOn(chat, options(), counting);
  assert.equal(await alice.ask('Bot', '!count'), '2');
  await again.stop();
  assert.deepEqual(await storage().names(), ['alice']);
});

test('in a room of a 1.1 server, where no leave is heard, a session ends by time', async (t) => {
  const chat = await chatFor(t, { protocolVersion: '1.1' });
  const clock = new FakeClock();
  const bot = await botOn(
    chat,
    { clock, rooms: ['#ops'], presenceIdle: 100, session: { initial } },
    counting,
  );
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', '!count'), '1');
  await reconnect(chat, bot, clock);
  // The bot's list holds only its room, and alice is not in it.
  await bot.connector.listUsers();
  assert.equal(bot.connector.serverVersion, '1.1');
  assert.equal(await alice.ask('Bot', '!count'), '2');
  await clock.advance(100);
  assert.equal(await alice.ask('Bot', '!count'), '1');
});
