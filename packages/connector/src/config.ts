import { FRAGMENT_BYTES, MAX_DATA_BYTES, type PaddingShape } from '@quietroom/protocol';
import { systemClock, type Clock } from './clock.js';
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

/** Longer timers would fire at once in Node. */
const MAX_SECONDS = 2_000_000;

/**
 * Fills in the defaults and checks every option.
 *
 * @throws ConnectorError `CONFIG_UNKNOWN_OPTION`, `CONFIG_INVALID`
 */
export function resolveConfig(config: ConnectorConfig): ResolvedConfig {
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(DEFAULTS, key)) throw unknownOption(key);
  }
  // An option that is given as undefined means its default.
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const resolved: ResolvedConfig = { ...DEFAULTS, ...given };

  assertText('serverHost', resolved.serverHost);
  assertInteger('serverPort', resolved.serverPort, 1, 65535);
  assertText('certFile', resolved.certFile);
  if (resolved.cert !== undefined) assertText('cert', resolved.cert);
  assertText('username', resolved.username);
  assertBoolean('decoyTraffic', resolved.decoyTraffic);
  assertSeconds('decoyInterval', resolved.decoyInterval);
  assertInteger('decoyMinBytes', resolved.decoyMinBytes, 0, MAX_DATA_BYTES);
  assertInteger('decoyMaxBytes', resolved.decoyMaxBytes, resolved.decoyMinBytes, MAX_DATA_BYTES);
  assertSeconds('connectTimeout', resolved.connectTimeout);
  assertSeconds('keepaliveInterval', resolved.keepaliveInterval);
  assertOneOf('padding', resolved.padding, Object.keys(FRAGMENT_BYTES));
  assertInteger('maxQueuedBytes', resolved.maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER);
  assertClock('clock', resolved.clock);
  return resolved;
}

function assertText(option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(option, 'a text that is not empty', value);
}

function assertBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(option, 'true or false', value);
}

function assertInteger(option: string, value: unknown, low: number, high: number): void {
  if (!Number.isInteger(value) || Number(value) < low || Number(value) > high) {
    throw invalid(option, `a whole number from ${low} to ${high}`, value);
  }
}

function assertSeconds(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_SECONDS)) {
    throw invalid(option, `a number of seconds above 0 and up to ${MAX_SECONDS}`, value);
  }
}

function assertOneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.some((one) => one === value)) throw invalid(option, `one of ${allowed.join(', ')}`, value);
}

function assertClock(option: string, value: Clock): void {
  if (typeof value.setTimeout !== 'function' || typeof value.clearTimeout !== 'function') {
    throw invalid(option, 'an object with setTimeout and clearTimeout', value);
  }
}

function invalid(option: string, expected: string, value: unknown): ConnectorError {
  const shown = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : typeof value;
  return new ConnectorError('CONFIG_INVALID', `Option ${option} must be ${expected}, not ${shown}.`);
}

function unknownOption(key: string): ConnectorError {
  const nearest = Object.keys(DEFAULTS)
    .map((option) => ({
      option,
      distance: editDistance(key.toLowerCase().replaceAll('_', ''), option.toLowerCase()),
    }))
    .reduce((best, next) => (next.distance < best.distance ? next : best));
  const hint = nearest.distance <= 3 ? ` Did you mean ${nearest.option}?` : '';
  return new ConnectorError('CONFIG_UNKNOWN_OPTION', `There is no option ${key}.${hint}`);
}

/** How many characters must be put in, taken out or changed to make `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
