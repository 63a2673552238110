import { readFile } from 'node:fs/promises';
import { Bot, inDm } from '@quietroom/bot';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { printError, printLine } from '../../output/print.js';
import type { ClientFlags } from '../../settings/clientOptions.js';
import { clientSettings, connectorConfig } from '../../settings/clientSettings.js';
import { readConfigFile, readRoomPasswords, readSecret, writeConfigFile } from '../configFile.js';
import { MessageStore } from '../delivery/messageStore.js';
import { runBot } from '../runBot.js';
import { Bridge } from './bridge.js';
import { IRC_CONFIG, IRC_TEMPLATE, type IrcConfig } from './ircConfig.js';
import type { IrcIdentity } from './ircSession.js';
import { errorCode } from '../../failures/errorCode.js';

/** The options of `quietroom bot irc`. */
export interface IrcFlags extends ClientFlags {
  /** The file of the bridge's settings. */
  readonly settings: string;
  readonly init?: true;
}

/**
 * Runs the bridge until it is stopped, or writes its settings file.
 *
 * @throws Failure for wrong settings, a store in use, and as `runBot`
 */
export async function ircBridge(flags: IrcFlags): Promise<void> {
  if (flags.init === true) {
    await writeConfigFile(flags.settings, IRC_TEMPLATE);
    printLine(
      `${flags.settings} is written. Set server and links there, and run the command without --init.`,
    );
    return;
  }
  const config = await readConfigFile(flags.settings, IRC_CONFIG, 'irc');
  const identity = await readIdentity(config);
  const passwords = await readRoomPasswords(
    'links',
    config.links.map(({ place, room_password_file: file }) => ({ room: place, file })),
  );
  const settings = await clientSettings(flags, { username: 'Bridge' });
  const rooms = config.links.flatMap(({ place: room }) => {
    if (room === 'lobby') return [];
    const password = passwords.get(room);
    return [password === undefined ? room : { room, password }];
  });
  // The limits count what is said in rooms, where everybody may talk fast; only commands in direct messages are answered.
  const bot = new Bot({ ...connectorConfig(settings), rooms, rateLimit: false, loopGuard: false });
  bot.catch((error) => printError(error instanceof Error ? error.message : String(error)));

  await using store = await MessageStore.open(config.store);
  const bridge = await Bridge.make({ config, identity, bot, store, passwords, log: printError });
  const direct = bot.on(inDm);
  direct.command('names', { about: 'Show who is in the channels' }, (ctx) =>
    ctx.reply(bridge.ircUsers, SPLIT),
  );
  direct.command('status', { about: 'Show connections and waiting messages' }, (ctx) =>
    ctx.reply(bridge.status),
  );
  const { host, port } = identity;
  try {
    await runBot(
      {
        connector: bot.connector,
        start: async () => {
          await bot.start();
          if (!bridge.isUnambiguous) {
            throw new Failure(
              EXIT_CODES.usage,
              'This server is of version 1.1, which does not name the room of a message: set one link only.',
            );
          }
          bridge.start();
        },
        stop: () => bot.stop(),
      },
      settings,
      `bridges to ${host}:${port}`,
    );
  } finally {
    await bridge.stop();
  }
}

/** Servers join the lines of a direct message. */
const SPLIT = { newlines: 'split', maxParts: 100 } as const;

async function readIdentity({ irc, links }: IrcConfig): Promise<IrcIdentity> {
  const channels = new Map<string, string | undefined>();
  for (const [index, { channel, channel_key_file: file }] of links.entries()) {
    channels.set(
      channel,
      wordOf(`links.${index}.channel_key`, await readSecret(`links.${index}.channel_key`, { file })),
    );
  }
  const password = await readSecret('irc.sasl_password', {
    env: irc.sasl_password_env,
    file: irc.sasl_password_file,
  });
  const serverPassword = await readSecret('irc.server_password', {
    env: irc.server_password_env,
    file: irc.server_password_file,
  });
  const { host, port, tls, nick, real_name: realName, sasl_account: account } = irc;
  return {
    host,
    port,
    tls,
    ca: irc.tls_ca_file === undefined ? undefined : await readCa(irc.tls_ca_file),
    fingerprint: irc.tls_fingerprint,
    nick,
    realName,
    serverPassword: wordOf('irc.server_password', serverPassword),
    sasl: account === undefined || password === undefined ? undefined : { account, password },
    channels,
  };
}

/** @throws Failure for a value that would be several words in a line of IRC */
function wordOf(setting: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[^\s\p{Cc}:][^\s\p{Cc}]*$/u.test(value)) return value;
  throw new Failure(EXIT_CODES.usage, `${setting} must have no blanks, and no colon at its start.`);
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    throw new Failure(EXIT_CODES.usage, `irc.tls_ca_file: ${path} cannot be read (${code}).`, {
      cause: error,
    });
  }
}
