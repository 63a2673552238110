import { RELOADABLE_DEFAULTS, type QuietRoomServer } from '@quietroom/server';
import { readConfigFile, type ConfigFile } from '../settings/serverConfigFile.js';
import { Failure } from '../failures/failure.js';
import type { ServeEntry } from './serveEntry.js';
import {
  differences,
  serveSettings,
  type ServeFlags,
  type ServeSettings,
} from '../settings/serverSettings.js';

/**
 * Reads the configuration again and gives the server what it can take while it runs. When the file cannot be
 * used, the server stays as it was. What happened is logged.
 */
export function reloadConfig(
  server: Pick<QuietRoomServer, 'reload'>,
  flags: ServeFlags,
  running: ServeSettings,
  log: (entry: ServeEntry) => void,
): void {
  let config: ConfigFile;
  try {
    config = readConfigFile(flags.dir);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log({ event: 'configInvalid', problem: error.message });
    return;
  }
  log({ event: 'configRead', file: config.path, isThere: config.isThere });
  logUnknownKeys(config, log);
  // What the file no longer says returns to its default.
  server.reload({ ...RELOADABLE_DEFAULTS, ...config.reloadable });
  const keys = differences(running, serveSettings(flags, config));
  if (keys.length > 0) log({ event: 'restartNeeded', keys: keys.join(' ') });
}

export function logUnknownKeys(config: ConfigFile, log: (entry: ServeEntry) => void): void {
  for (const key of config.unknownKeys) log({ event: 'configKeyUnknown', key });
}
