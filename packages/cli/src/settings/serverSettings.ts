import { resolve } from 'node:path';
import type { ConfigFile } from './serverConfigFile.js';
import { configKeyOf, SERVE_KEYS } from './serverKeys.js';
import type { Flags, Values } from './setting.js';
import { flagSource, memberSource, resolveTable, valuesOf } from './sources.js';

/** The options of the command line; absent when not given. */
export interface ServeFlags extends Flags<typeof SERVE_KEYS> {
  /** The folder of the identity and of `server_config.json`. */
  readonly dir: string;
}

/** The settings fixed at start, from the file and the command line, which takes precedence. */
export interface ServeSettings extends Omit<Values<typeof SERVE_KEYS>, 'host'> {
  /** Hosts to listen on: the first that this machine has is used. */
  readonly host: readonly [string, ...string[]];
}

/** IPv6 sockets also accept IPv4 clients; some machines have no IPv6. */
const ALL_ADDRESSES = ['::', '0.0.0.0'] as const;

/** In the place of a log file: standard output. */
const STANDARD_OUTPUT = '-';

export function serveSettings(flags: ServeFlags, config: ConfigFile): ServeSettings {
  const file = memberSource(config.start, config.path, configKeyOf, (path) => absolute(path, flags.dir));
  const values = valuesOf<typeof SERVE_KEYS>(resolveTable(SERVE_KEYS, [flagSource(flags), file]));
  return {
    ...values,
    host: values.host === undefined ? defaultHosts(config) : [values.host],
    logFile: logPath(values.logFile),
    securityLogFile: logPath(values.securityLogFile),
  };
}

/** True when neither the command line nor the file has a host. */
export function isHostDefault(flags: ServeFlags, config: ConfigFile): boolean {
  return flags.host === undefined && !config.start.has(configKeyOf(SERVE_KEYS.host.name));
}

/** The keys whose values differ. */
export function differences(before: ServeSettings, after: ServeSettings): string[] {
  return Object.entries(SERVE_KEYS)
    .filter(([key]) => String(Reflect.get(before, key)) !== String(Reflect.get(after, key)))
    .map(([, { name }]) => configKeyOf(name));
}

/**
 * An existing server's folder has the file, and its clients come from the network. Without the file, the
 * server listens on loopback only.
 */
function defaultHosts(config: ConfigFile): ServeSettings['host'] {
  return config.isThere ? ALL_ADDRESSES : ['127.0.0.1'];
}

/** Paths on the command line are relative to the current folder, paths in the file to its folder. */
function logPath(path: string | undefined): string | undefined {
  return path === undefined || path === STANDARD_OUTPUT ? undefined : resolve(path);
}

function absolute(path: string, folder: string): string {
  return path === STANDARD_OUTPUT ? path : resolve(folder, path);
}
