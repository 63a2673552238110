import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import type { ValueKind } from './valueKinds.js';
import { PROFILE_NAME } from './clientSchema.js';
import { CHAT_KEYS, CONFIG_VARIABLE, PROFILE_KEY, PROFILE_KEYS } from './clientKeys.js';
import { namesOf, type Setting } from './setting.js';
import { errorCode } from '../failures/errorCode.js';

const CONFIG_FILE = 'quietroom.config.json';

type Members = ReadonlyMap<string, unknown>;

/** The checked content of `quietroom.config.json`; empty without a file. */
export interface ClientConfigFile {
  /** Undefined when there is none. */
  readonly path: string | undefined;
  readonly settings: Members;
  readonly chat: Members;
  readonly profiles: ReadonlyMap<string, Members>;
}

/**
 * Finds the configuration: the named file, else that in the current folder, else that of the user.
 * Undefined when there is none.
 *
 * @throws Failure when the named file does not exist
 */
export function findConfigFile(
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const variable = environment[CONFIG_VARIABLE];
  const given = named ?? (variable === '' ? undefined : variable);
  if (given !== undefined) {
    const by = named === undefined ? CONFIG_VARIABLE : '--config';
    if (existsSync(given)) return resolve(given);
    throw new Failure(
      EXIT_CODES.failure,
      `There is no configuration file ${JSON.stringify(given)}. Check ${by}.`,
    );
  }
  return [resolve(CONFIG_FILE), userConfigPath(environment)].find((path) => existsSync(path));
}

/** Where the configuration of the user is, or would be. */
export function userConfigPath({ XDG_CONFIG_HOME: xdg }: NodeJS.ProcessEnv): string {
  // The XDG specification says to ignore relative paths.
  const folder = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.config');
  return join(folder, 'quietroom', CONFIG_FILE);
}

/**
 * Reads and checks the whole file, including profiles that are not in use.
 *
 * @throws Failure that names the file, and the unknown key or the key with an invalid value
 */
export function readClientConfig(path: string | undefined): ClientConfigFile {
  if (path === undefined) return { path, settings: new Map(), chat: new Map(), profiles: new Map() };
  const whole = membersOf(path, undefined, parse(path));
  const { settings, chat, profiles } = split(path, whole);
  checkMembers(path, '', settings, { ...PROFILE_KEYS, profile: PROFILE_KEY }, [
    'chat',
    'profiles',
    '$schema',
  ]);
  checkMembers(path, 'chat.', chat, CHAT_KEYS);
  for (const [name, members] of profiles) {
    if (!PROFILE_NAME.test(name)) {
      throw invalid(
        path,
        `${JSON.stringify(name)} cannot be the name of a profile: take letters, digits, _ . and -.`,
      );
    }
    checkMembers(path, `profiles.${name}.`, members, PROFILE_KEYS);
  }
  const chosen = settings.get(PROFILE_KEY.name);
  if (typeof chosen === 'string') assertProfile({ path, profiles }, chosen, path);
  return { path, settings, chat, profiles };
}

/** @throws Failure that lists the profiles; `by` is the source of the name */
export function assertProfile(
  { path, profiles }: Pick<ClientConfigFile, 'path' | 'profiles'>,
  name: string,
  by: string,
): void {
  if (profiles.has(name)) return;
  const known = [...profiles.keys()];
  const hint =
    path === undefined
      ? 'there is no configuration file; see docs/cli.md for what it holds'
      : known.length === 0
        ? `${path} has none`
        : `${path} has ${known.join(', ')}`;
  throw new Failure(EXIT_CODES.failure, `${by}: there is no profile ${JSON.stringify(name)}; ${hint}.`);
}

/** Resolves a path relative to the file; `~/` is the home folder. */
export function pathInConfig(configPath: string, path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(configPath), path);
}

function parse(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    throw invalid(path, `it cannot be read (${code}).`);
  }
  try {
    return JSON.parse(content.replace(/^\ufeff/, ''));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw invalid(path, `it is not JSON: ${problem.replaceAll(/\s+/g, ' ')}.`);
  }
}

function split(path: string, whole: Members): Omit<ClientConfigFile, 'path'> {
  const settings = new Map(whole);
  settings.delete('chat');
  settings.delete('profiles');
  settings.delete('$schema');
  const inner = (key: string): Members => membersOf(path, key, whole.has(key) ? whole.get(key) : {});
  const profiles = inner('profiles');
  return {
    settings,
    chat: inner('chat'),
    profiles: new Map(
      [...profiles].map(([name, value]) => [name, membersOf(path, `profiles.${name}`, value)]),
    ),
  };
}

function membersOf(path: string, key: string | undefined, value: unknown): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return new Map(Object.entries(value));
  }
  throw invalid(path, `${key ?? 'it'} must be an object, such as { "host": "chat.example" }.`);
}

function checkMembers(
  path: string,
  prefix: string,
  members: Members,
  table: Readonly<Record<string, Setting>>,
  others: readonly string[] = [],
): void {
  const settings = Object.values(table);
  for (const [name, value] of members) {
    const setting = settings.find((one) => namesOf(one).includes(name));
    if (setting === undefined) {
      throw unknownKey(path, prefix, name, [...settings.map((one) => one.name), ...others]);
    }
    assertKind(path, prefix + name, setting.kind, value);
  }
}

function assertKind(path: string, name: string, kind: ValueKind<unknown>, value: unknown): void {
  if (kind.fromJson(value) === undefined) throw invalid(path, `${name} must be ${kind.allowed}.`);
}

function unknownKey(path: string, prefix: string, name: string, known: readonly string[]): Failure {
  const plain = simplify(name);
  const nearest = closest(
    plain,
    known.map((one) => simplify(one)),
  );
  const meant = known.find((one) => simplify(one) === nearest);
  const isNear = distance(plain, nearest) <= Math.ceil(plain.length / 3);
  const hint =
    isNear && meant !== undefined ? `Did you mean ${prefix}${meant}?` : `Known are ${known.join(', ')}.`;
  return invalid(path, `there is no key ${JSON.stringify(prefix + name)}. ${hint}`);
}

/** Ignores how words are joined. */
function simplify(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

function invalid(path: string, problem: string): Failure {
  return new Failure(EXIT_CODES.failure, `${path}: ${problem}`);
}
