import { Option, type Command } from 'commander';
import { FLAG, optionValue, TEXT } from './valueKinds.js';
import { CHAT_KEYS, CONNECTION_KEYS, flagOf, PROFILE_KEY, type ClientKey } from './clientKeys.js';

/** The connection options of the command line; absent when not given. */
export interface ClientFlags {
  readonly host?: string;
  readonly port?: number;
  readonly cert?: string;
  readonly username?: string;
  /** Seconds. */
  readonly connectTimeout?: number;
  readonly profile?: string;
  /** The configuration file. */
  readonly config?: string;
  readonly printConfig?: boolean;
}

/** The chat options of the command line. */
export interface ChatFlags extends ClientFlags {
  readonly theme?: string;
  readonly bell?: boolean;
  readonly quietHours?: string;
  readonly downloads?: string;
}

/**
 * Adds the options that all connecting commands share; `clientSettings` reads them.
 *
 * @param username the default name as shown in the help, such as `"EchoBot"` with its quotes;
 * undefined for a command that does not log in and has no such option
 * @param options `chat`: also add the options of `ChatFlags`
 */
export function addClientOptions(
  command: Command,
  username: string | undefined,
  { chat = false }: { readonly chat?: boolean } = {},
): Command {
  for (const key of Object.values(CONNECTION_KEYS)) {
    const fallback = key === CONNECTION_KEYS.username ? username : JSON.stringify(key.fallback);
    if (fallback !== undefined) addOption(command, key, fallback);
  }
  if (chat) {
    for (const key of Object.values(CHAT_KEYS)) addOption(command, key, JSON.stringify(key.fallback));
  }
  addOption(command, PROFILE_KEY, 'the one that the file selects');
  return command
    .addOption(
      new Option(
        '--config <file>',
        'configuration file (default: quietroom.config.json in this folder, else in ~/.config/quietroom)',
      ).argParser(optionValue(TEXT)),
    )
    .option('--print-config', 'print the settings and their sources, then exit');
}

function addOption(command: Command, key: ClientKey, fallback: string): void {
  const flag = flagOf(key);
  if (key.kind === FLAG) {
    command.option(flag, key.meaning).option(flag.replace('--', '--no-'), `do not ${key.meaning} (default)`);
    return;
  }
  command.addOption(
    new Option(`${flag} <${key.placeholder ?? key.key}>`, `${key.meaning} (default: ${fallback})`).argParser(
      optionValue(key.kind),
    ),
  );
}
