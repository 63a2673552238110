import {
  arg,
  Bot,
  inDm,
  inRoom,
  mentioned,
  ReplyError,
  type BotOptions,
  type Context,
  type Handler,
} from '@quietroom/bot';
import { Conversation } from './conversation.js';
import { LinkedSignal } from './linkedSignal.js';
import type { LlmConfig } from './llmConfig.js';
import { ModelError, type ModelClient } from './modelClient.js';
import { ModelQueue, ordinal } from './modelQueue.js';
import { Quota } from './quota.js';

/** What the bot keeps for each presence. */
interface Session {
  /** By place: what was said privately must not appear in a room. */
  readonly conversations: Map<string, Conversation>;
  model: string;
  /** Ends the answer that is being given. */
  stop: AbortController | undefined;
}

/** Lines for the operator: names and outcomes, never texts. */
export type LlmLog = (line: string) => void;

/** Messages that wait or run in the framework: those who wait for the model are among them. */
const RUNNING_BESIDE_QUEUE = 100;

/** Makes a bot that answers through a model: direct messages, and in rooms what names it. */
export function makeLlmBot(
  options: BotOptions<undefined>,
  config: LlmConfig,
  client: ModelClient,
  log: LlmLog,
): Bot<Session> {
  const { model, models, history_messages: maxMessages, rooms } = config;
  const { session: _, ...connection } = options;
  const queue = new ModelQueue(config.max_concurrent, config.max_waiting);
  const quota = new Quota(config.quota_messages, config.quota_seconds * 1000);
  const known = [...new Set([model, ...models])];

  const bot = new Bot<Session>({
    ...connection,
    rooms,
    presenceIdle: config.history_idle,
    maxConcurrent: config.max_concurrent + config.max_waiting + RUNNING_BESIDE_QUEUE,
    session: { initial: () => ({ conversations: new Map(), model, stop: undefined }) },
  });

  if (config.allow.length > 0) {
    const allowed = new Set(config.allow);
    bot.use((ctx, next) => {
      if (allowed.has(ctx.sender)) return next();
      if (ctx.isAddressed) throw new ReplyError('I answer only some people here.');
    });
  }

  bot.command('stop', { about: 'Stop the answer', immediate: true }, async (ctx) => {
    const { stop } = ctx.session;
    if (stop === undefined) throw new ReplyError('There is nothing to stop.');
    stop.abort(new ReplyError('Stopped.'));
  });
  bot.command('reset', { about: 'Forget this conversation' }, async (ctx) => {
    conversationOf(ctx, maxMessages).clear();
    await ctx.reply('I have forgotten our conversation.');
  });
  bot.command(
    'model',
    { about: 'Show or choose the model', args: { name: arg.text({ optional: true }) } },
    async (ctx) => {
      const { name } = ctx.args;
      if (name !== undefined) {
        if (!known.includes(name))
          throw new ReplyError(`There is no model ${name}. There are: ${known.join(', ')}.`);
        ctx.session.model = name;
      }
      await ctx.reply(`Your model is ${ctx.session.model}. There are: ${known.join(', ')}.`);
    },
  );

  const answer: Handler<Context<Session>> = async (ctx, next) => {
    if (ctx.call !== undefined) return next();
    await answerWith({ config, client, queue, quota, log }, ctx);
  };
  bot.on(inDm, answer);
  if (rooms.length > 0) bot.on(inRoom(...rooms)).on(mentioned, answer);
  return bot;
}

interface Parts {
  readonly config: LlmConfig;
  readonly client: ModelClient;
  readonly queue: ModelQueue;
  readonly quota: Quota;
  readonly log: LlmLog;
}

async function answerWith(
  { config, client, queue, quota, log }: Parts,
  ctx: Context<Session>,
): Promise<void> {
  const question = ctx.mention ?? ctx.text;
  const { session, sender } = ctx;
  if (question === '') throw new ReplyError('What would you like to know?');
  if (queue.isFull) throw new ReplyError('Too many people are waiting. Try again later.');
  if (!quota.take(sender, Date.now())) throw new ReplyError('You have used up your messages for now.');

  const stop = new AbortController();
  session.stop = stop;
  using linked = new LinkedSignal(stop.signal, ctx.presence.signal, ctx.signal);
  const { signal } = linked;
  const conversation = conversationOf(ctx, config.history_messages);
  let endTurn: (() => void) | undefined;
  let text = '';
  try {
    endTurn = await queue.enter(signal, (place) => void ctx.reply(`You are ${ordinal(place)} in the queue.`));
    const messages = conversation.messagesFor(config.system_prompt, question, config.max_input_tokens);
    const answer = collected(client.answer(session.model, messages, signal), (chunk) => (text += chunk));
    // Servers join the lines of a direct message.
    const sent = await ctx.reply(answer, { signal, newlines: 'split', maxParts: 200 });
    if (sent.length === 0) throw new ModelError('The model gave an empty answer.', 'Empty.');
    log(`${sender}: answered`);
  } catch (error) {
    if (error instanceof ModelError) {
      log(`${sender}: no answer: ${error.detail}`);
      throw new ReplyError(error.message);
    }
    throw error;
  } finally {
    endTurn?.();
    if (session.stop === stop) session.stop = undefined;
    // A stopped reply counts, too.
    if (text.trim() !== '') conversation.add(question, text);
  }
}

async function* collected(
  chunks: AsyncIterable<string>,
  collect: (chunk: string) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const chunk of chunks) {
    collect(chunk);
    yield chunk;
  }
}

function conversationOf(ctx: Context<Session>, maxMessages: number): Conversation {
  const { conversations } = ctx.session;
  const place = ctx.room ?? ctx.type;
  const known = conversations.get(place) ?? new Conversation(maxMessages);
  conversations.set(place, known);
  return known;
}
