import assert from 'node:assert/strict';
import test from 'node:test';
import { arg, BotError, from, inDm, inRoom, mentioned, ReplyError, type Plugin } from '@quietroom/bot';
import { botOn, chatFor, until } from './botTest.js';

test('commands get their arguments, in direct messages and rooms, by any of their names', async (t) => {
  const chat = await chatFor(t);
  await botOn(chat, { rooms: ['#ops'] }, (bot) =>
    bot.command(
      'add',
      { aliases: ['plus'], args: { a: arg.number(), b: arg.number({ default: 1 }) } },
      (ctx) => ctx.reply(`${ctx.args.a + ctx.args.b}`),
    ),
  );
  const alice = await chat.join('alice', '#ops');
  assert.equal(await alice.ask('Bot', '!add 1 2'), '3');
  assert.equal(await alice.ask('Bot', '!PLUS 4'), '5');
  assert.equal(await alice.ask('Bot', '!add one'), 'a must be a number, not "one". Usage: !add <a> [b]');
  await alice.say('#ops', '!add 5 5');
  assert.deepEqual(await alice.hears(/10/), { from: 'Bot', place: '#ops', text: '10' });
  await alice.say('#ops', '@bot !add 6 6');
  await alice.hears(/^12$/);
});

test('unknown commands are answered when the message is for the bot; the help lists what can be called here', async (t) => {
  const chat = await chatFor(t);
  const bot = await botOn(chat, { rooms: ['#ops'] }, (made) => {
    made.command('deploy', { about: 'Deploy it', args: { host: arg.text() } }, () => {});
    made.command('secret', { hidden: true }, () => {});
    made.on(inRoom('#ops')).command('ack', () => {});
  });
  const alice = await chat.join('alice', '#ops');
  assert.equal(
    await alice.ask('Bot', '!dpeloy x'),
    'There is no command !dpeloy. Did you mean !deploy? !help lists all commands.',
  );
  assert.equal(await alice.ask('Bot', '!help'), '!deploy <host>: Deploy it');
  await alice.dm('Bot', '!help !deploy');
  await alice.hears(/^host: a text$/);
  assert.equal(await alice.ask('Bot', '!help nothing'), 'There is no command !nothing.');

  await alice.say('#ops', '!dpeloy x');
  await until(() => bot.stats().handled === 5);
  await alice.say('#ops', 'Bot: !akk');
  assert.match((await alice.hears(/Did you mean/)).text, /!ack/);
  await alice.say('#ops', '!help');
  assert.deepEqual(await alice.hears(/!ack/), { from: 'Bot', place: 'dm', text: '!ack' });
  assert.ok(alice.heard.every(({ text }) => !text.includes('secret')));
});

test('handlers run in order, next goes on, and filters choose', async (t) => {
  const chat = await chatFor(t);
  const way: string[] = [];
  const bot = await botOn(chat, { rooms: ['#ops'] }, (made) => {
    made.use(async (ctx, next) => {
      way.push(`before ${ctx.type}`);
      await next();
      way.push('after');
    });
    made.on(inDm, async (ctx, next) => (way.push(`dm by ${ctx.sender}`), await next()));
    made.on(from('bob'), () => way.push('bob'));
    made.on(inRoom('#ops')).on(mentioned, (ctx) => way.push(`mention: ${ctx.mention}`));
    made.hears(/(\d+)/g, (ctx) => way.push(`number ${ctx.match[1]}`));
  });
  const alice = await chat.join('alice', '#ops');
  const bob = await chat.join('bob');
  const steps: [say: () => Promise<void>, way: string[]][] = [
    [() => alice.dm('Bot', 'x 17'), ['before dm', 'dm by alice', 'number 17', 'after']],
    [() => alice.dm('Bot', 'y 18'), ['before dm', 'dm by alice', 'number 18', 'after']],
    [() => bob.dm('Bot', '19'), ['before dm', 'dm by bob', 'bob', 'after']],
    [() => alice.say('#ops', 'Bot, are you there?'), ['before room', 'mention: are you there?', 'after']],
    [() => alice.say('#ops', 'Robot 20'), ['before room', 'number 20', 'after']],
  ];
  for (const [index, [say, expected]] of steps.entries()) {
    way.length = 0;
    await say();
    await until(() => way.at(-1) === 'after');
    assert.deepEqual(way, expected);
    assert.equal(bot.stats().handled, index + 1);
  }
});

test('a plugin is disposed of with all that it registered, and so are plugins when the bot stops', async (t) => {
  const chat = await chatFor(t);
  const cleaned: string[] = [];
  const plugin =
    (word: string): Plugin =>
    (bot) => {
      bot.command(word, (ctx) => ctx.reply(`${word}!`));
      return () => void cleaned.push(word);
    };
  const bot = await botOn(chat, {}, (made) => made.install(plugin('kept')));
  const installed = bot.install(plugin('removed'));
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', '!removed'), 'removed!');
  await installed.dispose();
  await installed.dispose();
  assert.match(await alice.ask('Bot', '!removed'), /There is no command/);
  assert.equal(await alice.ask('Bot', '!kept'), 'kept!');
  assert.deepEqual(cleaned, ['removed']);
  await bot.stop();
  assert.deepEqual(cleaned, ['removed', 'kept']);
});

test('errors go to catch with their context; a ReplyError goes to the sender', async (t) => {
  const chat = await chatFor(t);
  const caught: string[] = [];
  await botOn(chat, {}, (bot) =>
    bot
      .command('fail', () => Promise.reject(new Error('broken')))
      .command('refuse', () => {
        throw new ReplyError('Not today.');
      })
      .command('twice', async (_, next) => (await next(), await next()))
      .catch((error, ctx) => {
        caught.push(error instanceof BotError ? error.code : String(error));
        return ctx?.reply('caught');
      }),
  );
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Bot', '!fail'), 'caught');
  assert.equal(await alice.ask('Bot', '!refuse'), 'Not today.');
  await alice.dm('Bot', '!twice');
  await alice.hears(/caught/);
  assert.deepEqual(caught, ['Error: broken', 'NEXT_CALLED_TWICE']);
});

test('definitions and options with mistakes are rejected at once', async (t) => {
  const chat = await chatFor(t);
  await botOn(chat, {}, (bot) => {
    assert.throws(() => bot.command('Deploy', () => {}), /small letter/);
    assert.throws(() => bot.command('a b', () => {}), /blanks/);
    assert.throws(
      () => bot.command('x', { args: { a: arg.rest(), b: arg.text() } }, () => {}),
      /must be the last/,
    );
  });
  await assert.rejects(
    botOn(chat, { prefix: '/' }, () => {}),
    /prefix/,
  );
  await assert.rejects(
    botOn(chat, { maxConcurrent: 0 }, () => {}),
    /maxConcurrent/,
  );
  await assert.rejects(
    botOn(chat, { rateLimit: { messages: 1, seconds: 0 } }, () => {}),
    /rateLimit.seconds/,
  );
});
