import assert from 'node:assert/strict';
import test from 'node:test';
import {
  arg,
  Bot,
  from,
  inDm,
  inLobby,
  inRoom,
  mentioned,
  requirePassphrase,
  type Context,
  type Plugin,
} from '@quietroom/bot';

/** Compiles only when a value has exactly this type: when either can stand for the other. */
const exactly =
  <Expected>() =>
  <Actual extends Expected>(
    _value: Actual,
    ..._proof: [Expected] extends [Actual] ? [] : [never]
  ): void => {};

test('the types of arguments are inferred from their definition', () => {
  const bot = new Bot();
  const args = {
    host: arg.text(),
    id: arg.custom('a UUID', (text) => ({ id: text })),
    retries: arg.integer({ min: 0, default: 2 }),
    wait: arg.duration({ optional: true }),
    stage: arg.choice(['test', 'live'], { default: 'test' }),
    level: arg.choice(['low', 'high'], { optional: true }),
    force: arg.flag(),
    note: arg.rest({ optional: true }),
  };
  const chained = bot.command('deploy', { args, use: requirePassphrase('correct horse battery') }, (ctx) => {
    exactly<string>()(ctx.args.host);
    exactly<number>()(ctx.args.retries);
    exactly<number | undefined>()(ctx.args.wait);
    exactly<'test' | 'live'>()(ctx.args.stage);
    exactly<'low' | 'high' | undefined>()(ctx.args.level);
    exactly<boolean>()(ctx.args.force);
    exactly<{ id: string }>()(ctx.args.id);
    exactly<string | undefined>()(ctx.args.note);
    exactly<string>()(ctx.call.name);
    // @ts-expect-error -- there is no such argument.
    exactly<unknown>()(ctx.args.hots);
  });
  assert.equal(chained, bot);
});

const isLong = (ctx: Context<{ count: number }>): ctx is Context<{ count: number }> => ctx.text.length > 100;

const plugin: Plugin<{ count: number }> = (composer) => void composer.use((ctx) => ctx.session.count++);

test('filters and the type of the context narrow', () => {
  const bot = new Bot({ session: { initial: () => ({ count: 0 }) } });
  bot.use((ctx) => {
    exactly<{ count: number }>()(ctx.session);
    if (ctx.type === 'room') exactly<string>()(ctx.room);
    else exactly<undefined>()(ctx.room);
    if (ctx.type === 'lobby') exactly<string>()(ctx.event.time);
  });
  bot.on(inDm, (ctx) => exactly<'dm'>()(ctx.type));
  bot.on(inLobby, (ctx) => exactly<'lobby'>()(ctx.type));
  bot.on(inRoom('#a'), (ctx) => exactly<string>()(ctx.room));
  bot.on(from('alice', 'bob'), (ctx) => exactly<'alice' | 'bob'>()(ctx.sender));
  bot.on(inRoom()).on(mentioned, (ctx) => {
    exactly<string>()(ctx.mention);
    exactly<string>()(ctx.room);
    exactly<{ count: number }>()(ctx.session);
  });
  bot.hears(/x/, (ctx) => exactly<RegExpExecArray>()(ctx.match));
  bot.on(isLong, (ctx) => exactly<string>()(ctx.text));
  bot.install(plugin);
});

/** Only compiled. */
export function mistakes(bot: Bot): void {
  // @ts-expect-error -- there is no such option.
  void new Bot({ prefx: '!' });
  // @ts-expect-error -- a choice must be one of the words.
  arg.choice(['a', 'b'], { default: 'c' });
  // @ts-expect-error -- the unit is written s, m, h or d.
  bot.every('5 minutes', () => {});
  // @ts-expect-error -- an integer has a number as its default.
  arg.integer({ default: '1' });
}
