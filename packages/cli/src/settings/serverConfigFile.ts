import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_PORT } from '@quietroom/protocol/constants';
import { checkOptions, ServerError, type ReloadableOptions } from '@quietroom/server';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { configKeyOf, SERVE_KEYS } from './serverKeys.js';
import { RELOADABLE_KEYS } from './serverReloadableKeys.js';
import { namesOf } from './setting.js';
import { errorCode } from '../failures/errorCode.js';

/** The name that existing servers use. */
const CONFIG_FILE = 'server_config.json';

/** The checked content of `server_config.json`. */
export interface ConfigFile {
  readonly path: string;
  /** Whether the file exists. */
  readonly isThere: boolean;
  /** The keys of `SERVE_KEYS` that are given. */
  readonly start: ReadonlyMap<string, unknown>;
  readonly reloadable: ReloadableOptions;
  /** Unknown keys; the file of another server may have some. */
  readonly unknownKeys: readonly string[];
}

/**
 * Reads and checks `server_config.json` in the folder; a missing file counts as empty.
 *
 * @throws Failure that names the file and the key with an invalid value
 */
export function readConfigFile(folder: string): ConfigFile {
  const path = join(folder, CONFIG_FILE);
  const text = readIfThere(path);
  if (text === undefined) {
    return { path, isThere: false, start: new Map(), reloadable: {}, unknownKeys: [] };
  }
  const rest = parse(path, text);
  const start = takeStartKeys(path, rest);
  const reloadable = takeReloadableKeys(path, rest);
  return { path, isThere: true, start, reloadable, unknownKeys: [...rest.keys()] };
}

/** Moves the keys of `SERVE_KEYS` out of `rest`. */
function takeStartKeys(path: string, rest: Map<string, unknown>): ReadonlyMap<string, unknown> {
  const start = new Map<string, unknown>();
  for (const setting of Object.values(SERVE_KEYS)) {
    for (const key of namesOf(setting).map(configKeyOf)) {
      const value = rest.get(key);
      rest.delete(key);
      // Existing servers write an empty path for no file.
      if (value === undefined || ('isPath' in setting && value === '')) continue;
      if (setting.kind.fromJson(value) === undefined) {
        throw invalid(path, `cannot be used: ${key} must be ${setting.kind.allowed}.`);
      }
      start.set(key, value);
    }
  }
  return start;
}

/** Moves the options that a reload can change out of `rest`. */
function takeReloadableKeys(path: string, rest: Map<string, unknown>): ReloadableOptions {
  const options: Record<string, unknown> = {};
  for (const { option } of RELOADABLE_KEYS) {
    const key = configKeyOf(option);
    if (rest.has(key)) options[option] = rest.get(key);
    rest.delete(key);
  }
  try {
    checkOptions(options);
    return options;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { message, option, requirement } = error;
    throw invalid(
      path,
      `cannot be used: ${option && requirement ? `${configKeyOf(option)} ${requirement}.` : message}`,
    );
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(path, `cannot be read (${code}).`);
  }
}

/** Keys with null are ignored, as on existing servers. */
function parse(path: string, text: string): Map<string, unknown> {
  let parsed: unknown;
  try {
    // Editors on Windows write a byte order mark.
    parsed = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalid(path, `is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid(path, `must hold an object, such as { "port": ${DEFAULT_PORT} }.`);
  }
  return new Map(Object.entries(parsed).filter(([, value]) => value !== null));
}

function invalid(path: string, problem: string): Failure {
  return new Failure(EXIT_CODES.failure, `${path} ${problem.replaceAll(/\s+/g, ' ').replace(/\.\.$/, '.')}`);
}
