import { isIPv6 } from 'node:net';
import {
  MAX_CLIENT_TEXT_BYTES,
  MAX_DATA_BYTES,
  type CoverMode,
  type PaddingShape,
} from '@quietroom/protocol';
import {
  assertBoolean,
  assertInteger,
  assertMethods,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  MAX_CELL_TEXT_BYTES,
  OptionError,
  PADDING_SHAPE_NAMES,
  PADDING_SHAPES,
  withDefaults,
  assertFunction,
} from '@quietroom/protocol/internals';
import { CERT_FILE, DEFAULT_PORT } from '@quietroom/protocol/constants';
import { systemClock, type Clock } from '../time/clock.js';
import { resolveCover, type CoverOptions, type SteadyConfig } from './coverOptions.js';
import type { Dial } from './dialHook.js';
import { ConnectorError } from '../errors.js';
import type { Log } from '../observe/log.js';
import { resolveReconnect, type ReconnectOptions, type ResolvedReconnect } from './backoff.js';
import type { Newlines, TextOptions } from '../messages/messageText.js';

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
  /** Seconds that TCP, TLS, the key exchange and the login may take together. Default 30. */
  connectTimeout?: number;
  /** Seconds between keep-alive packets when `decoyTraffic` is off. Default 60. */
  keepaliveInterval?: number;
  /**
   * How traffic is covered. `"decoys"`: messages at once, and the decoys of the options above; an observer sees when you
   * write. `"steady"`: one cell of 512 bytes per second from login to quit, a waiting message or else cover; an object
   * sets how. docs/traffic-analysis.md has what each hides, and the costs. Default `"decoys"`.
   */
  cover?: CoverMode | CoverOptions;
  /**
   * In steady mode, files are refused. True: the connection leaves the steady mode while a file is sent or received, which
   * an observer sees; the log says so (`steadyLeft`, `steadyResumed`). Default false.
   */
  leaveSteadyForFiles?: boolean;
  /** The shape of padding. Default `"uniform"`: all short messages have one size. */
  padding?: PaddingShape;
  /**
   * The name to log in by when `username` is in use: after a connection is lost, a server can keep its name for
   * minutes. Default: none.
   */
  fallbackUsername?: string;
  /** Reconnect when the connection is lost; an object sets how. Default false. */
  reconnect?: boolean | ReconnectOptions;
  /**
   * Sends while reconnecting: `"refuse"` rejects them with `NOT_CONNECTED`, `"hold"` queues them until the connection
   * is back, within the limits of the queue. Default `"refuse"`.
   */
  whileDisconnected?: 'refuse' | 'hold';
  /** Bytes that may wait to be sent; further sends reject with `QUEUE_FULL`. Default 64 MiB. */
  maxQueuedBytes?: number;
  /** Messages that may wait to be sent; further sends reject with `QUEUE_FULL`. Default 100,000. */
  maxQueuedMessages?: number;
  /** Seconds that a message may wait to be sent; then it rejects with `QUEUE_EXPIRED`. Default 300. */
  maxQueuedSeconds?: number;
  /**
   * Messages and questions that may wait for their answers at the same time; more wait in the queue. Existing servers
   * drop answers for a client for whom 4,096 packets wait. Default 1,000.
   */
  maxInFlight?: number;
  /**
   * Seconds that the server may take for an answer, from when the message was sent or from the last answer, whichever
   * is later; then a send is `unconfirmed`. Default 10.
   */
  answerTimeout?: number;
  /**
   * Seconds without progress after which a file transfer that has started fails with `FILE_TIMED_OUT`. Default 60.
   */
  fileTimeout?: number;
  /**
   * Seconds of silence after which the server is sent a question, which no other user sees; false: never. Default 45.
   */
  livenessInterval?: number | false;
  /** Further seconds of silence after which the connection counts as lost. Default 15. */
  livenessTimeout?: number;
  /** Split a text that is too long for one message; false: reject it. Default true. */
  split?: boolean;
  /** A text that needs more messages rejects with `MESSAGE_TOO_LONG`. Default 20. */
  maxParts?: number;
  /**
   * Servers join the lines of a direct message with spaces. `"collapse"` accepts that, `"split"` sends each line as its
   * own message. Default `"collapse"`.
   */
  newlines?: Newlines;
  /** Call `onRoomMessage`, `onLobbyMessage` and `onPresence` for our own messages and joins too. Default false. */
  ownMessages?: boolean;
  /** Opens the connection to the server, instead of TCP: through a proxy or a tunnel. The pin is checked as always. */
  dial?: Dial;
  /** Called with log entries, which hold no message text. Default: none. */
  log?: Log;
  /** The clock, for tests. Default: the system's. */
  clock?: Clock;
}

/** Options without a default value. */
type Unset = 'cert' | 'fallbackUsername' | 'dial' | 'log';

/** A duration with the option that sets it, for error messages. */
interface Deadline {
  readonly option: keyof ConnectorConfig;
  readonly seconds: number;
}

/** A configuration with every default filled in. */
type FilledConfig = Readonly<
  Required<Omit<ConnectorConfig, Unset>> & { [K in Unset]: ConnectorConfig[K] | undefined }
>;

/** A configuration that was checked, with every default filled in. */
export type ResolvedConfig = Omit<FilledConfig, 'reconnect' | 'connectTimeout' | 'cover'> & {
  readonly steady: SteadyConfig | false;
  /** Milliseconds that the steady mode adds to the time limits of sending; 0 without it. */
  readonly slackMs: number;
  /** The longest text that a request or a message may have, with the server's prefix; UTF-8 bytes. */
  readonly maxTextBytes: number;
  readonly reconnect: ResolvedReconnect | false;
  readonly connectDeadline: Deadline;
};

const DEFAULTS: FilledConfig = {
  serverHost: 'localhost',
  serverPort: DEFAULT_PORT,
  certFile: CERT_FILE,
  cert: undefined,
  username: 'Bot',
  decoyTraffic: true,
  decoyInterval: 30,
  decoyMinBytes: 100,
  decoyMaxBytes: 500,
  connectTimeout: 30,
  keepaliveInterval: 60,
  cover: 'decoys',
  leaveSteadyForFiles: false,
  padding: 'uniform',
  fallbackUsername: undefined,
  reconnect: false,
  whileDisconnected: 'refuse',
  maxQueuedBytes: 64 * 1024 * 1024,
  maxQueuedMessages: 100_000,
  maxQueuedSeconds: 300,
  maxInFlight: 1000,
  answerTimeout: 10,
  fileTimeout: 60,
  livenessInterval: 45,
  livenessTimeout: 15,
  split: true,
  maxParts: 20,
  newlines: 'collapse',
  ownMessages: false,
  dial: undefined,
  log: undefined,
  clock: systemClock,
};

/** In steady mode, a disconnect waits for so many cells more. */
const SLACK_CELLS = 5;

/**
 * Fills in the defaults and checks every option.
 *
 * @throws ConnectorError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function resolveConfig(config: ConnectorConfig): ResolvedConfig {
  return asConnectorError(() => {
    const { connectTimeout, cover, ...filled } = withDefaults(DEFAULTS, config);
    assertSeconds('connectTimeout', connectTimeout);
    const steady = resolveCover(cover);
    const resolved: ResolvedConfig = {
      ...filled,
      reconnect: resolveReconnect(filled.reconnect),
      steady,
      slackMs: steady === false ? 0 : SLACK_CELLS * steady.intervalMs,
      maxTextBytes: steady === false ? MAX_CLIENT_TEXT_BYTES : MAX_CELL_TEXT_BYTES,
      connectDeadline: { option: 'connectTimeout', seconds: connectTimeout },
    };
    check(resolved);
    return resolved;
  });
}

/** A host name or an address; the port has its own option. */
function assertHost(option: string, host: string): void {
  assertText(option, host);
  if (/[/\s]/.test(host) || (host.includes(':') && !isIPv6(host))) {
    throw new OptionError(
      'OPTION_INVALID',
      `The option ${option} must be a host name or an IP address, without protocol and port: not ${JSON.stringify(host)}.`,
      option,
    );
  }
}

function assertTextOptions({ split, maxParts, newlines }: TextOptions): void {
  assertBoolean('split', split);
  assertInteger('maxParts', maxParts, 1, 10_000);
  assertOneOf('newlines', newlines, ['collapse', 'split']);
}

/**
 * Text options of one call: those of the configuration, overridden by those given.
 *
 * @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function resolveTextOptions(config: TextOptions, given: Partial<TextOptions>): TextOptions {
  const { split, maxParts, newlines } = config;
  if (Object.keys(given).length === 0) return config;
  return asConnectorError(() => {
    const resolved = withDefaults({ split, maxParts, newlines }, given);
    assertTextOptions(resolved);
    return resolved;
  });
}

/** @throws ConnectorError `OPTION_INVALID` */
export function assertTimeout(timeout: number): void {
  asConnectorError(() => {
    if (timeout !== 0) assertSeconds('timeout', timeout);
  });
}

/** Turns an OptionError of the shared checks into a ConnectorError. */
export function asConnectorError<T>(resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { code, message, option } = error;
    throw new ConnectorError(code, message, option === undefined ? {} : { option });
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
  assertSeconds('keepaliveInterval', config.keepaliveInterval);
  assertOneOf('padding', config.padding, PADDING_SHAPE_NAMES);
  assertBoolean('leaveSteadyForFiles', config.leaveSteadyForFiles);
  if (config.steady !== false && !PADDING_SHAPES[config.padding].fillsRecords) {
    throw new OptionError(
      'OPTION_INVALID',
      'The option padding must be "uniform" when cover is "steady": its cells have one size.',
      'padding',
    );
  }
  if (config.fallbackUsername !== undefined) assertText('fallbackUsername', config.fallbackUsername);
  assertOneOf('whileDisconnected', config.whileDisconnected, ['refuse', 'hold']);
  assertInteger('maxQueuedBytes', config.maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('maxQueuedMessages', config.maxQueuedMessages, 1, Number.MAX_SAFE_INTEGER);
  assertSeconds('maxQueuedSeconds', config.maxQueuedSeconds);
  assertInteger('maxInFlight', config.maxInFlight, 1, Number.MAX_SAFE_INTEGER);
  assertSeconds('answerTimeout', config.answerTimeout);
  assertSeconds('fileTimeout', config.fileTimeout);
  if (config.livenessInterval !== false) assertSeconds('livenessInterval', config.livenessInterval);
  assertSeconds('livenessTimeout', config.livenessTimeout);
  assertTextOptions(config);
  assertBoolean('ownMessages', config.ownMessages);
  if (config.dial !== undefined) assertFunction('dial', config.dial);
  if (config.log !== undefined) assertFunction('log', config.log);
  assertMethods('clock', config.clock, ['now', 'setTimeout', 'clearTimeout']);
}
