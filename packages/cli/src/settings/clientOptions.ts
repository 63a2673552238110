import { Option, type Command } from 'commander';
import { CHAT_KEYS, CONNECTION_KEYS, DAEMON_KEYS, PROFILE_KEY } from './clientKeys.js';
import { addOption, type Flags, type Setting } from './setting.js';
import { optionValue, TEXT } from './valueKinds.js';

/** The connection options of the command line; absent when not given. */
export interface ClientFlags extends Flags<
  typeof CONNECTION_KEYS & typeof DAEMON_KEYS & { profile: typeof PROFILE_KEY }
> {
  /** The configuration file. */
  readonly config?: string;
  readonly printConfig?: boolean;
}

/** The chat options of the command line. */
export interface ChatFlags extends ClientFlags, Flags<typeof CHAT_KEYS> {}

/** Settings of commands that stay connected. */
const COVER_SETTINGS: ReadonlySet<Setting> = new Set<Setting>([
  CONNECTION_KEYS.cover,
  CONNECTION_KEYS.leaveSteadyForFiles,
]);

/**
 * Adds the options that all connecting commands share; `clientSettings` reads them.
 *
 * @param username the default name as shown in the help, such as `"EchoBot"` with its quotes;
 * undefined for a command that does not log in and has no such option
 * @param options `chat`: also add the options of `ChatFlags`; `hasCover`: whether it can cover its traffic; `daemon`: also
 * those to use a daemon, or only that of its socket
 */
export function addClientOptions(
  command: Command,
  username: string | undefined,
  {
    chat = false,
    hasCover = username !== undefined,
    daemon = 'none',
  }: {
    readonly chat?: boolean;
    readonly hasCover?: boolean;
    readonly daemon?: 'none' | 'use' | 'socket';
  } = {},
): Command {
  for (const setting of Object.values(CONNECTION_KEYS)) {
    if (!hasCover && COVER_SETTINGS.has(setting)) continue;
    if (setting !== CONNECTION_KEYS.username) addOption(command, setting);
    else if (username !== undefined) addOption(command, setting, username);
  }
  if (chat) {
    for (const setting of Object.values(CHAT_KEYS)) addOption(command, setting);
  }
  if (daemon === 'use') addOption(command, DAEMON_KEYS.daemon);
  if (daemon !== 'none') addOption(command, DAEMON_KEYS.daemonSocket);
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
