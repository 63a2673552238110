import { resolve } from 'node:path';
import type { ConfigFile, LogFormat } from './serverConfigFile.js';
import type { StartOptions } from './serverKeys.js';

/** The options of the command line; absent when not given. */
export interface ServeFlags {
  /** The folder of the identity and of `server_config.json`. */
  readonly dir: string;
  readonly host?: string;
  readonly port?: number;
  readonly generation?: NonNullable<StartOptions['generation']>;
  readonly logFile?: string;
  readonly securityLogFile?: string;
  readonly logFormat?: LogFormat;
  readonly metricsPort?: number;
}

/** The settings fixed at start, from the file and the command line, which takes precedence. */
export interface ServeSettings {
  /** Hosts to listen on: the first that this machine has is used. */
  readonly hosts: readonly [string, ...string[]];
  readonly port: number;
  readonly generation: NonNullable<StartOptions['generation']>;
  readonly padding: NonNullable<StartOptions['padding']>;
  /** Undefined: standard output. */
  readonly logFile: string | undefined;
  readonly securityLogFile: string | undefined;
  /** Undefined: text on a terminal, JSON elsewhere. */
  readonly logFormat: LogFormat | undefined;
  /** False: the log has no addresses of clients; the security log keeps them. */
  readonly logAddresses: boolean;
  /** Undefined: none. */
  readonly metricsPort: number | undefined;
}

/** The key of each in `server_config.json`. */
const KEYS: Readonly<Record<keyof ServeSettings, string>> = {
  hosts: 'host',
  port: 'port',
  generation: 'generation',
  padding: 'padding',
  logFile: 'log_file',
  securityLogFile: 'security_log_file',
  logFormat: 'log_format',
  logAddresses: 'log_addresses',
  metricsPort: 'metrics_port',
};

/** IPv6 sockets also accept IPv4 clients; some machines have no IPv6. */
const ALL_ADDRESSES = ['::', '0.0.0.0'] as const;

export function serveSettings(flags: ServeFlags, config: ConfigFile): ServeSettings {
  const host = flags.host ?? config.start.host;
  return {
    hosts: host === undefined ? hostsUnsaid(config) : [host],
    port: flags.port ?? config.start.port ?? 37842,
    generation: flags.generation ?? config.start.generation ?? '1.2',
    padding: config.start.padding ?? 'uniform',
    logFile: logPath(flags.logFile, config.logFile, flags.dir),
    securityLogFile: logPath(flags.securityLogFile, config.securityLogFile, flags.dir),
    logFormat: flags.logFormat ?? config.logFormat,
    logAddresses: config.logAddresses ?? true,
    metricsPort: flags.metricsPort ?? config.metricsPort,
  };
}

/** The keys whose values differ. */
export function differences(before: ServeSettings, after: ServeSettings): string[] {
  return Object.entries(KEYS)
    .filter(([name]) => String(Reflect.get(before, name)) !== String(Reflect.get(after, name)))
    .map(([, key]) => key);
}

/**
 * An existing server's folder has the file, and its clients come from the network. Without the file, the
 * server listens on loopback only.
 */
function hostsUnsaid(config: ConfigFile): ServeSettings['hosts'] {
  return config.isThere ? ALL_ADDRESSES : ['127.0.0.1'];
}

/** Paths on the command line are relative to the current folder, paths in the file to its folder. */
function logPath(flag: string | undefined, configured: string | undefined, dir: string): string | undefined {
  if ((flag ?? configured) === '-') return undefined;
  if (flag !== undefined) return resolve(flag);
  return configured === undefined ? undefined : resolve(dir, configured);
}
