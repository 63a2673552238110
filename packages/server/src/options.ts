import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  OptionError,
  withDefaults,
  type Generation,
  type PaddingShape,
} from '@quietroom/protocol';
import type { IdentityPems } from './certificate.js';
import { systemClock, type Clock } from './clock.js';
import { ServerError } from './errors.js';
import type { Log } from './log.js';

/** How a server listens and behaves. Durations are in seconds, sizes in bytes. */
export interface ServerOptions {
  /**
   * The address to listen on; `'0.0.0.0'` or `'::'` for all. Default `'127.0.0.1'`: what a program starts for
   * itself is not open to the network.
   */
  host?: string;
  /** Default 37842; 0 for any free one, which `server.port` then tells. */
  port?: number;
  /** Whose answers to give. Default `'1.2'`. */
  generation?: Generation;
  /**
   * A folder that keeps `server_private.pem` and `chat_public.pem`. They are made when both are missing, and
   * never overwritten. Default: none; the identity is held in memory, one for all servers of the process.
   */
  identityFolder?: string;
  /** An identity of the caller's own, in place of `identityFolder`. RSA. Default: none. */
  identity?: IdentityPems;
  /** Send each client random packets at intervals, to hide when messages are sent. Default true. */
  decoyTraffic?: boolean;
  /** Mean seconds between decoys; each pause is drawn from half to one and a half times that. Default 30. */
  decoyInterval?: number;
  /** Smallest decoy, in bytes of data; this size occurs. Default 100. */
  decoyMinBytes?: number;
  /** Largest decoy, in bytes of data; this size occurs, and may equal the smallest. At most 4096. Default 500. */
  decoyMaxBytes?: number;
  /** Seconds that TLS, the key exchange and the login may take together. Default 30. */
  loginTimeout?: number;
  /** A client for which more bytes wait, because it does not read, is closed. At least 65,536. Default 64 MiB. */
  maxQueuedBytes?: number;
  /**
   * `'uniform'`: every packet fills whole cells of 512 bytes, so that short messages all look alike.
   * `'random'`: 1 to 255 bytes of padding. Default `'uniform'`.
   */
  padding?: PaddingShape;
  /** Is told what happens, never what users write. Default: nobody is. */
  log?: Log;
  /** Where time-outs and decoys take their time from; for tests. Default: the system's. */
  clock?: Clock;
  /** The wall clock, for the `[HH:MM:SS]` of messages. Default: the system's, in the local time zone. */
  date?: () => Date;
}

/** Options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Omit<ServerOptions, 'identity' | 'identityFolder'>> &
    Record<'identity', IdentityPems | undefined> &
    Record<'identityFolder', string | undefined>
>;

const DEFAULTS: ResolvedOptions = {
  host: '127.0.0.1',
  port: 37842,
  generation: '1.2',
  identityFolder: undefined,
  identity: undefined,
  decoyTraffic: true,
  decoyInterval: 30,
  decoyMinBytes: 100,
  decoyMaxBytes: 500,
  loginTimeout: 30,
  maxQueuedBytes: 64 * 1024 * 1024,
  padding: 'uniform',
  log: () => {},
  clock: systemClock,
  date: () => new Date(),
};

/** Clients of generation 1.x disconnect when a packet has more data than this, decoys included. */
const MAX_DECOY_BYTES = 4096;

/** Less could not hold one long message with its padding. */
const LEAST_QUEUE_BYTES = 65536;

/**
 * Fills in the defaults and checks every option.
 *
 * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  try {
    const resolved = withDefaults(DEFAULTS, options);
    check(resolved);
    return resolved;
  } catch (error) {
    throw error instanceof OptionError ? new ServerError(error.code, error.message) : error;
  }
}

function check(options: ResolvedOptions): void {
  assertText('host', options.host);
  assertInteger('port', options.port, 0, 65535);
  assertOneOf('generation', options.generation, ['1.1', '1.2']);
  if (options.identityFolder !== undefined) assertText('identityFolder', options.identityFolder);
  if (options.identity !== undefined) assertIdentity(options.identity, options.identityFolder);
  assertBoolean('decoyTraffic', options.decoyTraffic);
  assertSeconds('decoyInterval', options.decoyInterval);
  assertRange(
    'decoyMinBytes',
    options.decoyMinBytes,
    'decoyMaxBytes',
    options.decoyMaxBytes,
    MAX_DECOY_BYTES,
  );
  assertSeconds('loginTimeout', options.loginTimeout);
  assertInteger('maxQueuedBytes', options.maxQueuedBytes, LEAST_QUEUE_BYTES, Number.MAX_SAFE_INTEGER);
  assertOneOf('padding', options.padding, ['uniform', 'random']);
  assertFunction('log', options.log);
  assertMethods('clock', options.clock, ['now', 'setTimeout', 'clearTimeout']);
  assertFunction('date', options.date);
}

function assertIdentity(identity: IdentityPems, identityFolder: string | undefined): void {
  assertObject('identity', identity);
  assertText('identity.certPem', identity.certPem);
  assertText('identity.keyPem', identity.keyPem);
  if (identityFolder !== undefined) {
    throw new ServerError('OPTION_INVALID', 'Give either identity or identityFolder, not both.');
  }
}
