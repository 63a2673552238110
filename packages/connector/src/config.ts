import { isIPv6 } from 'node:net';
import {
  assertBoolean,
  assertInteger,
  assertMethods,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  MAX_DATA_BYTES,
  OptionError,
  withDefaults,
  type Clock,
  type PaddingShape,
} from '@quietroom/protocol';
import { systemClock } from './clock.js';
import { ConnectorError } from './errors.js';

/** How a connector connects and behaves. Durations are in seconds. */
export interface ConnectorConfig {
  /** Host name or IP address of the server. Default `"localhost"`. */
  serverHost?: string;
  /** Default 37842. */
  serverPort?: number;
  /**
   * The pinned certificate of the server, a PEM file; read at each `connect()`. With several
   * certificates in it, any of them may be the server's. Default `"chat_public.pem"`.
   */
  certFile?: string;
  /** The pinned certificate itself, as PEM text; `certFile` is then not read. Default: none. */
  cert?: string;
  /** The name to log in by: 1 to 32 of `A-Z a-z 0-9 space _ - .`. Default `"Bot"`. */
  username?: string;
  /** Send random packets at intervals, to hide when messages are sent. Default true. */
  decoyTraffic?: boolean;
  /** Mean seconds between decoys; each pause is drawn from half to one and a half times that. Default 30. */
  decoyInterval?: number;
  /** Smallest decoy, in bytes of data. Default 100. */
  decoyMinBytes?: number;
  /** Largest decoy, in bytes of data; at most 32768. Default 500. */
  decoyMaxBytes?: number;
  /** Seconds that TCP, TLS, key exchange and login may take together. Default 30. */
  connectTimeout?: number;
  /** Seconds between keep-alive packets when `decoyTraffic` is off. Default 60. */
  keepaliveInterval?: number;
  /**
   * `"uniform"`: every packet fills whole cells of 512 bytes, so that short messages all look alike.
   * `"random"`: 1 to 255 bytes of padding, as existing clients write. Default `"uniform"`.
   */
  padding?: PaddingShape;
  /** Bytes that may wait to be sent; a send past that is refused with `QUEUE_FULL`. Default 64 MiB. */
  maxQueuedBytes?: number;
  /** Where time comes from; for tests. Default: the system's. */
  clock?: Clock;
}

/** A configuration with every default filled in. */
export type ResolvedConfig = Readonly<Required<Omit<ConnectorConfig, 'cert'>> & { cert: string | undefined }>;

const DEFAULTS: ResolvedConfig = {
  serverHost: 'localhost',
  serverPort: 37842,
  certFile: 'chat_public.pem',
  cert: undefined,
  username: 'Bot',
  decoyTraffic: true,
  decoyInterval: 30,
  decoyMinBytes: 100,
  decoyMaxBytes: 500,
  connectTimeout: 30,
  keepaliveInterval: 60,
  padding: 'uniform',
  maxQueuedBytes: 64 * 1024 * 1024,
  clock: systemClock,
};

/**
 * Fills in the defaults and checks every option.
 *
 * @throws ConnectorError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function resolveConfig(config: ConnectorConfig): ResolvedConfig {
  try {
    const resolved = withDefaults(DEFAULTS, config);
    check(resolved);
    return resolved;
  } catch (error) {
    throw error instanceof OptionError ? new ConnectorError(error.code, error.message) : error;
  }
}

/** A name or an address: the port is an option of its own, and a URL is neither. */
function assertHost(option: string, host: string): void {
  assertText(option, host);
  if (/[/\s]/.test(host) || (host.includes(':') && !isIPv6(host))) {
    throw new OptionError(
      'OPTION_INVALID',
      `The option ${option} must be a host name or an IP address, without protocol and port: not ${JSON.stringify(host)}.`,
    );
  }
}

function check(config: ResolvedConfig): void {
  assertHost('serverHost', config.serverHost);
  assertInteger('serverPort', config.serverPort, 1, 65535);
  assertText('certFile', config.certFile);
  if (config.cert !== undefined) assertText('cert', config.cert);
  assertText('username', config.username);
  assertBoolean('decoyTraffic', config.decoyTraffic);
  assertSeconds('decoyInterval', config.decoyInterval);
  assertRange('decoyMinBytes', config.decoyMinBytes, 'decoyMaxBytes', config.decoyMaxBytes, MAX_DATA_BYTES);
  assertSeconds('connectTimeout', config.connectTimeout);
  assertSeconds('keepaliveInterval', config.keepaliveInterval);
  assertOneOf('padding', config.padding, ['uniform', 'random']);
  assertInteger('maxQueuedBytes', config.maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER);
  assertMethods('clock', config.clock, ['setTimeout', 'clearTimeout']);
}
