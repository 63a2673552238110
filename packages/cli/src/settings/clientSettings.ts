import { CommanderError } from 'commander';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import {
  assertProfile,
  findConfigFile,
  pathInConfig,
  readClientConfig,
  type ClientConfigFile,
} from './clientConfigFile.js';
import { CHAT_KEYS, CONNECTION_KEYS, flagOf, PROFILE_KEY, variableOf, type ClientKey } from './clientKeys.js';
import type { ChatFlags } from './clientOptions.js';
import { osUsername } from './osUsername.js';

/** The settings to reach a server, from the file, the environment and the command line. */
export interface ClientSettings {
  readonly host: string;
  readonly port: number;
  /** The file of the pinned certificate. */
  readonly cert: string;
  readonly username: string;
  /** Seconds. */
  readonly connectTimeout: number;
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

/** The settings of `quietroom chat`. */
export interface ChatSettings {
  readonly theme: string;
  readonly bell: boolean;
  /** Such as `"22:00-07:00"`; undefined for none. */
  readonly quietHours: string | undefined;
  /** The folder for accepted files. */
  readonly downloads: string;
}

/** A value and its source: `--host`, `QUIETROOM_HOST`, a file, `default`. */
export interface Setting<T> {
  readonly value: T;
  readonly from: string;
}

/** One source of settings. */
type Source = <T>(key: ClientKey<T>) => Setting<T> | undefined;

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
  const sources = sourcesOf(flags, file, profile, environment);
  const get = <T>(key: ClientKey<T>, fallback = key.fallback): Setting<T> => {
    for (const source of sources) {
      const setting = source(key);
      if (setting !== undefined) return setting;
    }
    if (fallback === undefined) throw new TypeError(`${key.key} has no default.`);
    return { value: fallback, from: 'default' };
  };
  const connection = {
    host: get(CONNECTION_KEYS.host),
    port: get(CONNECTION_KEYS.port),
    cert: get(CONNECTION_KEYS.cert),
    username: get(CONNECTION_KEYS.username, defaults.username ?? osUsername()),
    connectTimeout: get(CONNECTION_KEYS.connectTimeout),
  };
  const chat = {
    theme: get(CHAT_KEYS.theme),
    bell: get(CHAT_KEYS.bell),
    quietHours: get(CHAT_KEYS.quietHours),
    downloads: get(CHAT_KEYS.downloads),
  };
  if (flags.printConfig === true) {
    const { printSettings } = await import('./printSettings.js');
    printSettings(file, profile, connection, chat);
    throw new CommanderError(EXIT_CODES.ok, 'quietroom.printConfig', 'The settings were to be printed.');
  }
  return {
    host: connection.host.value,
    port: connection.port.value,
    cert: connection.cert.value,
    username: connection.username.value,
    connectTimeout: connection.connectTimeout.value,
    profile: profile?.value,
    profiles: summaries(file),
    chat: {
      theme: chat.theme.value,
      bell: chat.bell.value,
      quietHours: chat.quietHours.value === 'none' ? undefined : chat.quietHours.value,
      downloads: chat.downloads.value,
    },
  };
}

function chosenProfile(
  flags: ChatFlags,
  file: ClientConfigFile,
  environment: NodeJS.ProcessEnv,
): Setting<string> | undefined {
  const chosen =
    flagSource(flags)(PROFILE_KEY) ??
    variableSource(environment)(PROFILE_KEY) ??
    fileSource(file, file.settings)(PROFILE_KEY);
  if (chosen !== undefined) assertProfile(file, chosen.value, chosen.from);
  return chosen;
}

/** In order of precedence, highest first. */
function sourcesOf(
  flags: ChatFlags,
  file: ClientConfigFile,
  profile: Setting<string> | undefined,
  environment: NodeJS.ProcessEnv,
): readonly Source[] {
  const members = profile && file.profiles.get(profile.value);
  const ofProfile = profile && members ? [fileSource(file, members, `profile ${profile.value} in `)] : [];
  const isByFlag = profile?.from === flagOf(PROFILE_KEY);
  return [
    flagSource(flags),
    ...(isByFlag ? ofProfile : []),
    variableSource(environment),
    ...(isByFlag ? [] : ofProfile),
    fileSource(file, file.settings),
    fileSource(file, file.chat),
  ];
}

function flagSource(flags: ChatFlags): Source {
  return (key) => {
    const value = key.kind.fromJson(Reflect.get(flags, key.key));
    return value === undefined ? undefined : { value, from: flagOf(key) };
  };
}

/** An empty variable counts as unset. */
function variableSource(environment: NodeJS.ProcessEnv): Source {
  return (key) => {
    const from = variableOf(key);
    const text = environment[from];
    if (text === undefined || text === '') return undefined;
    const value = key.kind.fromText(text);
    if (value !== undefined) return { value, from };
    throw new Failure(EXIT_CODES.failure, `The variable ${from} must be ${key.kind.allowed}.`);
  };
}

function fileSource(
  { path = '' }: ClientConfigFile,
  members: ReadonlyMap<string, unknown>,
  where = '',
): Source {
  return (key) => {
    const given = members.get(key.key);
    const value = key.kind.fromJson(
      key.isPath && typeof given === 'string' ? pathInConfig(path, given) : given,
    );
    return value === undefined ? undefined : { value, from: `${where}${path}` };
  };
}

function summaries(file: ClientConfigFile): ProfileSummary[] {
  return [...file.profiles].map(([name, members]) => {
    const get = <T>(key: ClientKey<T>): T | undefined =>
      key.kind.fromJson(members.get(key.key) ?? file.settings.get(key.key) ?? key.fallback);
    return {
      name,
      host: get(CONNECTION_KEYS.host) ?? '',
      port: get(CONNECTION_KEYS.port) ?? 0,
    };
  });
}
