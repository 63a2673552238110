import { resolve } from 'node:path';
import type { ConfigFile, LogFormat } from './serverConfigFile.js';
import type { StartOptions } from './serverKeys.js';

/** What the command line says; what it does not say is absent. */
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

/** What only a start can change, from the file and the command line, which has the last word. */
export interface ServeSettings {
  /** Where to listen: on the first that this machine has. */
  readonly hosts: readonly [string, ...string[]];
  readonly port: number;
  readonly generation: NonNullable<StartOptions['generation']>;
  readonly padding: NonNullable<StartOptions['padding']>;
  /** Undefined: standard output. */
  readonly logFile: string | undefined;
  readonly securityLogFile: string | undefined;
  /** Undefined: whatever suits the place. */
  readonly logFormat: LogFormat | undefined;
  /** Undefined: none. */
  readonly metricsPort: number | undefined;
}

/** How each is named in `server_config.json`. */
const KEYS: Readonly<Record<keyof ServeSettings, string>> = {
  hosts: 'host',
  port: 'port',
  generation: 'generation',
  padding: 'padding',
  logFile: 'log_file',
  securityLogFile: 'security_log_file',
  logFormat: 'log_format',
  metricsPort: 'metrics_port',
};

/** IPv6 sockets take IPv4 clients, too; some machines have no IPv6. */
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
    metricsPort: flags.metricsPort ?? config.metricsPort,
  };
}

/** The keys of what differs. */
export function differences(before: ServeSettings, after: ServeSettings): string[] {
  return Object.entries(KEYS)
    .filter(([name]) => String(Reflect.get(before, name)) !== String(Reflect.get(after, name)))
    .map(([, key]) => key);
}

/**
 * The folder of an existing server has the file, and its clients come from the network. Without one, nothing
 * says that the network shall be let in.
 */
function hostsUnsaid(config: ConfigFile): ServeSettings['hosts'] {
  return config.isThere ? ALL_ADDRESSES : ['127.0.0.1'];
}

/** What the command line names is taken from where it was typed, what the file names from its own folder. */
function logPath(flag: string | undefined, configured: string | undefined, dir: string): string | undefined {
  if ((flag ?? configured) === '-') return undefined;
  if (flag !== undefined) return resolve(flag);
  return configured === undefined ? undefined : resolve(dir, configured);
}
