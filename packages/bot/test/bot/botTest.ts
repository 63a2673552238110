import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Bot, type BotOptions } from '@quietroom/bot';
import { TestChat, type FakeClock } from '@quietroom/bot/testing';
import type { ServerOptions } from '@quietroom/server';
import type { QuietRoomConnector } from 'quietroom-connector';
import { firstIdentity } from '@quietroom/testing';

/** A server with a stored identity, until the end of the test. */
export async function chatFor(t: TestContext, options: ServerOptions = {}): Promise<TestChat> {
  const chat = await TestChat.start({ identity: firstIdentity, ...options });
  t.after(() => chat.close());
  return chat;
}

/** A bot on that server, until the end. `define` adds its handlers before it starts. */
export async function botOn<S = undefined>(
  chat: TestChat,
  options: BotOptions<S>,
  define: (bot: Bot<S>) => unknown,
): Promise<Bot<S>> {
  const bot = new Bot<S>({ ...chat.config('Bot'), ...options });
  define(bot);
  return chat.add(bot);
}

/** Resolves when the condition holds; looks after each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Cuts the bot's connection, and lets the pauses before it is made again pass; no other time passes. */
export async function reconnect(
  chat: TestChat,
  { connector }: { readonly connector: QuietRoomConnector },
  clock: FakeClock,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const pause = new Promise<number>((resolve) => {
    connector.onStateChange((state, { delay = 0 }) => {
      if (state === 'reconnecting') resolve(delay);
    });
  });
  chat.faults.cut('Bot');
  const delay = await pause;
  await meanwhile();
  await clock.advance(delay);
  await until(() => connector.isConnected);
}
