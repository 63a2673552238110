import { userInfo } from 'node:os';
import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { CommanderError } from 'commander';
import type { ConnectorConfig } from 'quietroom-connector';
import { EXIT_CODES } from '../failures/exitCodes.js';
import {
  assertProfile,
  findConfigFile,
  pathInConfig,
  readClientConfig,
  type ClientConfigFile,
} from './clientConfigFile.js';
import { CHAT_KEYS, CONNECTION_KEYS, DAEMON_KEYS, PROFILE_KEY } from './clientKeys.js';
import type { ChatFlags } from './clientOptions.js';
import { flagOf, type Values } from './setting.js';
import {
  flagSource,
  memberSource,
  resolveTable,
  valuesOf,
  variableSource,
  type Found,
  type Source,
} from './sources.js';

/** The settings to reach a server. */
export interface ConnectionSettings extends Values<typeof CONNECTION_KEYS> {
  readonly username: string;
}

/** The settings of `quietroom chat`. */
export type ChatSettings = Values<typeof CHAT_KEYS>;

/** The settings to use a daemon. */
export type DaemonSettings = Values<typeof DAEMON_KEYS>;

/** The settings from the file, the environment and the command line. */
export interface ClientSettings extends ConnectionSettings, DaemonSettings {
  /** The profile in use. */
  readonly profile: string | undefined;
  /** The profiles of the configuration file, in its order. */
  readonly profiles: readonly ProfileSummary[];
  readonly chat: ChatSettings;
}

/** A profile to choose from. */
export interface ProfileSummary {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * The settings in effect: options override the environment, which overrides the configuration file. A profile that the
 * command line chooses counts as options; a profile chosen elsewhere overrides only the rest of the file.
 *
 * @param defaults `username`: the default name; without it the system's user
 * @throws Failure for an invalid file or variable
 * @throws CommanderError with exit code 0 after printing the settings
 */
export async function clientSettings(
  flags: ChatFlags,
  defaults: { readonly username?: string } = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ClientSettings> {
  const file = readClientConfig(findConfigFile(flags.config, environment));
  const profile = chosenProfile(flags, file, environment);
  const sources = sourcesOf(flags, file, profile?.value, profile?.from, environment);
  const found = resolveTable(CONNECTION_KEYS, sources);
  const username = found.username.value ?? defaults.username ?? osUsername();
  const connection = { ...found, username: { ...found.username, value: username } };
  const daemon = resolveTable(DAEMON_KEYS, sources);
  const chat = resolveTable(CHAT_KEYS, sources);
  if (flags.printConfig === true) {
    const { byName, printSettings } = await import('./printSettings.js');
    const shown = { ...byName(CONNECTION_KEYS, connection), ...byName(DAEMON_KEYS, daemon) };
    printSettings(file, profile, shown, byName(CHAT_KEYS, chat));
    throw new CommanderError(EXIT_CODES.ok, 'quietroom.printConfig', 'The settings were to be printed.');
  }
  return {
    ...valuesOf<typeof CONNECTION_KEYS>(connection),
    ...valuesOf<typeof DAEMON_KEYS>(daemon),
    username,
    profile: profile?.value,
    profiles: summaries(file),
    chat: valuesOf<typeof CHAT_KEYS>(chat),
  };
}

/** The options of the connector that the settings to reach a server stand for. */
export function connectorConfig(settings: ConnectionSettings): ConnectorConfig {
  return Object.fromEntries(
    Object.entries(CONNECTION_KEYS).map(([key, { option }]) => [option, Reflect.get(settings, key)]),
  );
}

function chosenProfile(
  flags: ChatFlags,
  file: ClientConfigFile,
  environment: NodeJS.ProcessEnv,
): Found<string> | undefined {
  const sources = [flagSource(flags), variableSource(environment), fileSource(file, file.settings)];
  const { value, from } = resolveTable({ profile: PROFILE_KEY }, sources).profile;
  if (value === undefined) return undefined;
  assertProfile(file, value, from);
  return { value, from };
}

/** In order of precedence, highest first. */
function sourcesOf(
  flags: ChatFlags,
  file: ClientConfigFile,
  profile: string | undefined,
  chosenBy: string | undefined,
  environment: NodeJS.ProcessEnv,
): readonly Source[] {
  const members = profile === undefined ? undefined : file.profiles.get(profile);
  const ofProfile = members ? [fileSource(file, members, `profile ${profile} in `)] : [];
  const isByFlag = chosenBy === flagOf(PROFILE_KEY.name);
  return [
    flagSource(flags),
    ...(isByFlag ? ofProfile : []),
    variableSource(environment),
    ...(isByFlag ? [] : ofProfile),
    fileSource(file, file.settings),
    fileSource(file, file.chat),
  ];
}

function fileSource(
  { path = '' }: ClientConfigFile,
  members: ReadonlyMap<string, unknown>,
  where = '',
): Source {
  return memberSource(
    members,
    `${where}${path}`,
    (name) => name,
    (given) => pathInConfig(path, given),
  );
}

function summaries(file: ClientConfigFile): ProfileSummary[] {
  return [...file.profiles].map(([name, members]) => {
    const sources = [fileSource(file, members), fileSource(file, file.settings)];
    const { host, port } = resolveTable(CONNECTION_KEYS, sources);
    return { name, host: host.value, port: port.value };
  });
}

/** The system's user as a valid username without blanks, such as `alice`; otherwise `user`. */
export function osUsername(): string {
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    // The user has no entry in the user database, as in some containers.
  }
  const taken = name.replaceAll(/[^A-Za-z0-9_.-]/g, '').slice(0, MAX_NAME_BYTES);
  return taken === '' ? 'user' : taken;
}
