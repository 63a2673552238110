import { RELOADABLE_DEFAULTS, type QuietRoomServer } from '@quietroom/server';
import type { ReloadResult } from '../admin/adminMethods.js';
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
 * Reloads the configuration and applies the options that can change at run time. With an invalid file the
 * server stays unchanged. The outcome is logged.
 */
export function reloadConfig(
  server: Pick<QuietRoomServer, 'reload'>,
  flags: ServeFlags,
  running: ServeSettings,
  log: (entry: ServeEntry) => void,
): ReloadResult {
  let config: ConfigFile;
  try {
    config = readConfigFile(flags.dir);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log({ event: 'configInvalid', problem: error.message });
    return { problem: error.message, restartNeeded: [] };
  }
  log({ event: 'configRead', file: config.path, isThere: config.isThere });
  logUnknownKeys(config, log);
  // Keys removed from the file return to their defaults.
  server.reload({ ...RELOADABLE_DEFAULTS, ...config.reloadable });
  const keys = differences(running, serveSettings(flags, config));
  if (keys.length > 0) log({ event: 'restartNeeded', keys: keys.join(' ') });
  return { problem: null, restartNeeded: keys };
}

export function logUnknownKeys(config: ConfigFile, log: (entry: ServeEntry) => void): void {
  for (const key of config.unknownKeys) log({ event: 'configKeyUnknown', key });
}
