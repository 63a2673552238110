import { Bot } from '@quietroom/bot';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { printError, printLine } from '../../output/print.js';
import type { ClientFlags } from '../../settings/clientOptions.js';
import { clientSettings, connectorConfig } from '../../settings/clientSettings.js';
import { readConfigFile, readRoomPasswords, readSecret, writeConfigFile } from '../configFile.js';
import { runBot } from '../runBot.js';
import { Relay } from './relay.js';
import { RELAY_CONFIG, RELAY_TEMPLATE, type RelayConfig } from './relayConfig.js';
import { relayMetrics } from './relayMetrics.js';
import { RelayServer, type RelayServerOptions } from './relayServer.js';
import { RelayStore } from './relayStore.js';
import { errorCode } from '../../failures/errorCode.js';

/** The options of `quietroom bot relay`. */
export interface RelayFlags extends ClientFlags {
  /** The file of the relay's settings. */
  readonly settings: string;
  readonly init?: true;
}

/**
 * Runs the relay until it is stopped, or writes its settings file.
 *
 * @throws Failure for wrong settings, a store or port in use, and as `runBot`
 */
export async function relay(flags: RelayFlags): Promise<void> {
  if (flags.init === true) {
    await writeConfigFile(flags.settings, RELAY_TEMPLATE);
    printLine(`${flags.settings} is written. Set the routes there, and run the command without --init.`);
    return;
  }
  const config = await readConfigFile(flags.settings, RELAY_CONFIG, 'relay');
  const routes = await readRoutes(config);
  const settings = await clientSettings(flags, { username: 'Relay' });
  // Written to by anybody: what the relay says is for all to read.
  const bot = new Bot(connectorConfig(settings));
  bot.catch((error) => printError(error instanceof Error ? error.message : String(error)));

  await using store = await RelayStore.open(config.store);
  const passwords = await readRoomPasswords(
    'routes',
    config.routes.map(({ to, room_password_file: file }) => ({ room: to, file })),
  );
  const parts = { config, bot, store, passwords, log: printError };
  const running = await Relay.make(parts);
  bot.command('status', { about: 'Show how many messages wait' }, (ctx) =>
    ctx.reply(`${running.pending} messages wait.`),
  );
  await using server = await listen({
    host: config.host,
    port: config.port,
    maxBodyBytes: config.max_body_bytes,
    routes,
    accept: (route, notices) => running.accept(route, notices),
    health: () => {
      const { isConnected, pending, oldestSeconds } = running;
      return { isHealthy: isConnected, body: { connected: isConnected, pending, oldestSeconds } };
    },
    metrics: () => relayMetrics(running, server.counts),
    log: printError,
  });
  running.start();
  try {
    await runBot(bot, settings, `relays from http://${config.host}:${server.port}`);
  } finally {
    await running.stop();
  }
}

async function readRoutes({ routes }: RelayConfig): Promise<RelayServerOptions['routes']> {
  return Promise.all(
    routes.map(async (route, index) => {
      const from = { env: route.secret_env, file: route.secret_file };
      return { route, secret: await readSecret(`routes.${index}.secret`, from) };
    }),
  );
}

async function listen(options: RelayServerOptions): Promise<RelayServer> {
  try {
    return await RelayServer.start(options);
  } catch (error) {
    const code = errorCode(error);
    const address = `${options.host}:${options.port}`;
    throw new Failure(EXIT_CODES.failure, `The relay cannot listen on ${address} (${code}).`, {
      cause: error,
    });
  }
}
