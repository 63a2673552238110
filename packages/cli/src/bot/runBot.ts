import type { Bot } from '@quietroom/bot';
import { connectFailure } from '../client/connectFailure.js';
import { printLine } from '../output/print.js';
import type { ClientSettings } from '../settings/clientSettings.js';
import { listenForStop } from '../signals/stop.js';

/**
 * Runs a bot until SIGINT or SIGTERM. `started` is called when it is connected.
 *
 * @throws Failure when connecting fails, and when the connection is lost for good
 */
export async function runBot(
  bot: Pick<Bot, 'start' | 'stop' | 'connector'>,
  settings: ClientSettings,
  what: string,
): Promise<void> {
  const stop = listenForStop({ needsOutput: false });
  stop.signal.addEventListener('abort', () => void bot.stop(), { once: true });
  try {
    await bot.start();
    printLine(`${bot.connector.username} ${what} on ${settings.host}:${settings.port}. Ctrl-C ends it.`);
    const reason = await bot.connector.closed;
    await bot.stop();
    if (reason !== null) throw reason;
  } catch (error) {
    if (!stop.signal.aborted) throw connectFailure(error, settings);
    await bot.stop();
  }
}
