// Runs polls in rooms: !poll "Lunch?" pizza soup, then !vote 1, then !close by the one who began it. Until Ctrl-C.
//   node examples/dist/poll-bot.js "#general" "#ops"
import { arg, Bot, inRoom, ReplyError, type Presence } from '@quietroom/bot';

interface Poll {
  readonly by: Presence;
  readonly choices: readonly string[];
  /** The choice of each voter; bound to the presence, so that a name that changes hands votes anew. */
  readonly votes: Map<Presence, number>;
}

const polls = new Map<string, Poll>();

const bot = new Bot({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'PollBot',
  rooms: process.argv.slice(2),
});
const rooms = bot.on(inRoom());

function pollIn(room: string): Poll {
  const poll = polls.get(room);
  if (poll === undefined) throw new ReplyError('There is no poll. Begin one: !poll "Lunch?" pizza soup');
  return poll;
}

const question = { question: arg.text(), choices: arg.rest() };
rooms.command('poll', { about: 'Begin a poll', args: question }, async (ctx) => {
  const choices = ctx.args.choices.split(/\s+/);
  if (choices.length < 2) throw new ReplyError('Name at least two choices.');
  if (polls.has(ctx.room)) throw new ReplyError('Close the other poll first.');
  polls.set(ctx.room, { by: ctx.presence, choices, votes: new Map() });
  const numbered = choices.map((choice, index) => `!vote ${index + 1} for ${choice}`);
  await ctx.reply(`${ctx.args.question} ${numbered.join(', ')}`);
});

rooms.command('vote', { about: 'Vote', args: { number: arg.integer({ min: 1 }) } }, async (ctx) => {
  const { choices, votes } = pollIn(ctx.room);
  const choice = choices[ctx.args.number - 1];
  if (choice === undefined) throw new ReplyError(`There are ${choices.length} choices.`);
  votes.set(ctx.presence, ctx.args.number - 1);
  await ctx.reply(`${ctx.sender} votes for ${choice}.`);
});

rooms.command('close', { about: 'Close the poll' }, async (ctx) => {
  const { by, choices, votes } = pollIn(ctx.room);
  if (by !== ctx.presence && !by.hasEnded) throw new ReplyError(`Only ${by.name} can close it.`);
  polls.delete(ctx.room);
  const counts = choices.map((_, index) => [...votes.values()].filter((vote) => vote === index).length);
  await ctx.reply(choices.map((choice, index) => `${choice}: ${counts[index]}`).join(', '));
});

await bot.run();
