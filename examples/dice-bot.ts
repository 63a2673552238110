// Rolls dice: !roll, !roll 20, !roll 6 3. It runs until Ctrl-C. dice-bot.test.ts is its test.
//   node examples/dist/dice-bot.js
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { arg, Bot, type BotOptions } from '@quietroom/bot';

export function diceBot(options: BotOptions<undefined>): Bot {
  const args = {
    sides: arg.integer({ min: 2, max: 1000, default: 6 }),
    dice: arg.integer({ min: 1, max: 20, default: 1 }),
  };
  return new Bot(options).command('roll', { about: 'Roll dice', aliases: ['r'], args }, async (ctx) => {
    const { sides, dice } = ctx.args;
    const rolls = Array.from({ length: dice }, () => randomInt(sides) + 1);
    const sum = rolls.reduce((total, roll) => total + roll, 0);
    await ctx.reply(dice === 1 ? `You rolled ${sum}.` : `You rolled ${rolls.join(' + ')} = ${sum}.`);
  });
}

// Only when it is started as a program: the test imports it.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bot = diceBot({
    serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
    serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
    certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
    username: 'DiceBot',
    rooms: process.argv.slice(2),
  });
  console.log('DiceBot rolls dice. Ctrl-C ends it.');
  await bot.run();
}
