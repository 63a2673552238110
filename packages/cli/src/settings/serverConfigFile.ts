import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOptions, ServerError, type ReloadableOptions } from '@quietroom/server';
import { CONFIG_KEYS, isReloadable, type StartOptions } from './serverKeys.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** The name that existing servers use. */
const CONFIG_FILE = 'server_config.json';

export const LOG_FORMATS = ['json', 'text'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The content of `server_config.json`; members that are absent or undefined are not set. */
export interface ConfigFile {
  readonly path: string;
  /** Whether the file exists. */
  readonly isThere: boolean;
  readonly start: StartOptions;
  readonly reloadable: ReloadableOptions;
  readonly logFile?: string | undefined;
  readonly securityLogFile?: string | undefined;
  readonly logFormat?: LogFormat | undefined;
  readonly logAddresses?: boolean | undefined;
  readonly metricsPort?: number | undefined;
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
  if (text === undefined) return { path, isThere: false, start: {}, reloadable: {}, unknownKeys: [] };
  const given = parse(path, text);
  const known = CONFIG_KEYS.filter(({ key }) => given.has(key));
  const optionsOf = (isWanted: (key: (typeof known)[number]) => boolean): object =>
    Object.fromEntries(
      known.filter(isWanted).flatMap(({ key, option }) => (option ? [[option, given.get(key)]] : [])),
    );
  // The types are right once all values have been checked.
  const start = optionsOf((key) => !isReloadable(key)) as StartOptions;
  const reloadable = optionsOf(isReloadable) as ReloadableOptions;
  checkServerOptions(path, { ...start, ...reloadable });
  return {
    path,
    isThere: true,
    start,
    reloadable,
    logFile: filePath(path, given, 'log_file'),
    securityLogFile: filePath(path, given, 'security_log_file'),
    logFormat: logFormat(path, given),
    logAddresses: trueOrFalse(path, given, 'log_addresses'),
    metricsPort: portNumber(path, given, 'metrics_port'),
    unknownKeys: [...given.keys()].filter((key) => known.every((one) => one.key !== key)),
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
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
    throw invalid(path, 'must hold an object, such as { "port": 37842 }.');
  }
  return new Map(Object.entries(parsed).filter(([, value]) => value !== null));
}

/** The server checks its options and names the option; this names the key instead. */
function checkServerOptions(path: string, options: StartOptions & ReloadableOptions): void {
  try {
    checkOptions(options);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { message, option, requirement } = error;
    const key = CONFIG_KEYS.find((known) => known.option === option)?.key;
    throw invalid(path, `cannot be used: ${key && requirement ? `${key} ${requirement}.` : message}`);
  }
}

function filePath(path: string, given: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = given.get(key);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(path, `cannot be used: ${key} must be the path of a file.`);
  return value;
}

function logFormat(path: string, given: ReadonlyMap<string, unknown>): LogFormat | undefined {
  const value = given.get('log_format');
  if (value === undefined) return undefined;
  const format = LOG_FORMATS.find((one) => one === value);
  if (format === undefined) throw invalid(path, 'cannot be used: log_format must be "json" or "text".');
  return format;
}

function trueOrFalse(path: string, given: ReadonlyMap<string, unknown>, key: string): boolean | undefined {
  const value = given.get(key);
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalid(path, `cannot be used: ${key} must be true or false.`);
  }
  return value;
}

function portNumber(path: string, given: ReadonlyMap<string, unknown>, key: string): number | undefined {
  const value = given.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
    throw invalid(path, `cannot be used: ${key} must be a whole number from 0 to 65535.`);
  }
  return value;
}

function invalid(path: string, problem: string): Failure {
  return new Failure(EXIT_CODES.failure, `${path} ${problem.replaceAll(/\s+/g, ' ').replace(/\.\.$/, '.')}`);
}
