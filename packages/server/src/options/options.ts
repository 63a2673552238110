import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_PROTOCOL_VERSION,
  PROTOCOL_VERSIONS,
  type CoverMode,
  type CoverOption,
  type ProtocolVersion,
  type PaddingShape,
} from '@quietroom/protocol';
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
  MAX_CLIENT_DATA_BYTES,
  OptionError,
  PADDING_SHAPE_NAMES,
  resolveCoverOption,
  withDefaults,
} from '@quietroom/protocol/internals';
import { DEFAULT_PORT } from '@quietroom/protocol/constants';
import type { IdentityPems } from '../identity/certificate.js';
import { usualNetwork } from '../addresses/networks.js';
import { systemClock, type Clock } from '../time/clock.js';
import { ServerError } from '../errors.js';
import { checkLimits, LIMIT_DEFAULTS, type LimitOptions } from './limits.js';
import type { Log } from '../observe/log.js';

/** Decoys: random packets that hide when messages are sent. */
export interface DecoyOptions {
  /** Send each client random packets at intervals. Default true. */
  decoyTraffic?: boolean;
  /** Mean seconds between decoys; each pause is drawn from half to one and a half times that. Default 30. */
  decoyInterval?: number;
  /** Smallest decoy, in bytes of data; this size occurs. Default 100. */
  decoyMinBytes?: number;
  /** Largest decoy, in bytes of data; this size occurs, and may equal the smallest. At most 4096. Default 500. */
  decoyMaxBytes?: number;
}

/** How the traffic of the server is covered. */
export interface ServerCoverOptions {
  /**
   * `'decoys'`: messages at once, and decoys. `'steady'`: each client is sent one cell of 512 bytes per second, of what
   * waits for it or else cover; `{ mode: 'steady', interval: 0.5 }` sets the seconds. A client can ask for the
   * steady mode by `/steady` on any server with uniform padding. What waits for a client counts as in
   * `maxQueuedBytes`. Default `'decoys'`.
   */
  cover?: CoverMode | CoverOption;
  /**
   * In the steady mode of the server, files are refused. True: sender and recipient leave the mode for the time of a
   * transfer, and are told. Default false.
   */
  leaveSteadyForFiles?: boolean;
}

/** Options that can be changed while a server runs. */
export interface ReloadableOptions extends LimitOptions, DecoyOptions, ServerCoverOptions {
  /**
   * The message of the day: each user gets it after the welcome, behind the line `Message of the day:`. It may have
   * several lines; at most 4000 bytes of UTF-8. Default `''`: none.
   */
  motd?: string;
  /**
   * Log entries of one kind, such as `connected`, that clients of one address can cause in a minute, and a tenth of
   * those that all clients can cause. Further ones are counted in an entry `folded` at the end of the minute. Of
   * `refused` there is always one for each reason and address. Default 100.
   */
  logEntriesPerMinute?: number;
  /**
   * Addresses and networks, such as `192.0.2.0/24`, that get no penalties: see `penaltyThreshold`. Behind a proxy or
   * Tor all clients have one address, and it belongs here. Default `['127.0.0.0/8', '::1']`.
   */
  penaltyExempt?: readonly string[];
}

/** The options of a server. Durations are in seconds, sizes in bytes. */
export interface ServerOptions extends ReloadableOptions {
  /**
   * The address to listen on; `'0.0.0.0'` or `'::'` for all. Default `'127.0.0.1'`: an embedded server
   * is not open to the network.
   */
  host?: string;
  /** Default 37842; 0 for any free port, see `server.port`. */
  port?: number;
  /** The version of the protocol to speak. Default `'1.2'`. */
  protocolVersion?: ProtocolVersion;
  /** @deprecated Use `protocolVersion`, which counts when both are given. */
  generation?: ProtocolVersion;
  /**
   * The folder of `server_private.pem` and `chat_public.pem`. They are created when both are missing, and
   * never overwritten. Default: none; the identity is held in memory, one for all servers of the process.
   */
  identityFolder?: string;
  /** An RSA identity, instead of `identityFolder`. Default: none. */
  identity?: IdentityPems;
  /** The shape of padding. Default `'uniform'`: all short messages have one size. */
  padding?: PaddingShape;
  /** Receives log entries, which never hold messages of users. Default: none. */
  log?: Log;
  /** The clock of time-outs and decoys; for tests. Default: the system's. */
  clock?: Clock;
  /** The wall clock, for the `[HH:MM:SS]` of messages. Default: the system's, in the local time zone. */
  date?: () => Date;
}

/** Options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Omit<ServerOptions, 'identity' | 'identityFolder' | 'generation'>> &
    Record<'identity', IdentityPems | undefined> &
    Record<'identityFolder', string | undefined>
>;

/** The defaults of the reloadable options. */
export const RELOADABLE_DEFAULTS: Readonly<Required<ReloadableOptions>> = {
  ...LIMIT_DEFAULTS,
  decoyTraffic: true,
  decoyInterval: 30,
  decoyMinBytes: 100,
  decoyMaxBytes: 500,
  cover: 'decoys',
  leaveSteadyForFiles: false,
  motd: '',
  logEntriesPerMinute: 100,
  penaltyExempt: ['127.0.0.0/8', '::1'],
};

const DEFAULTS: ResolvedOptions = {
  host: '127.0.0.1',
  port: DEFAULT_PORT,
  protocolVersion: DEFAULT_PROTOCOL_VERSION,
  identityFolder: undefined,
  identity: undefined,
  padding: 'uniform',
  log: () => {},
  clock: systemClock,
  date: () => new Date(),
  ...RELOADABLE_DEFAULTS,
};

/** Leaves room for the rest of its text in a packet. */
const MAX_MOTD_BYTES = 4000;

/**
 * Fills in the defaults and checks every option.
 *
 * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  return asServerErrors(() => {
    const resolved = withDefaults(DEFAULTS, withoutAliases(options));
    check(resolved);
    return resolved;
  });
}

/** Replaces deprecated names of options. */
function withoutAliases(options: ServerOptions): ServerOptions {
  if (!Object.hasOwn(Object(options), 'generation')) return options;
  const { generation, ...others } = options;
  return generation === undefined ? others : { protocolVersion: generation, ...others };
}

/**
 * Checks options like `QuietRoomServer.start`, without starting a server.
 *
 * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function checkOptions(options: ServerOptions): void {
  resolveOptions(options);
}

/**
 * Changes some options of a running server; one given as undefined returns to its
 * default.
 *
 * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`; also for options that need a restart
 */
export function changeOptions(current: ResolvedOptions, changes: ReloadableOptions): ResolvedOptions {
  return asServerErrors(() => {
    const given = withoutAliases(changes);
    const filled = withDefaults(DEFAULTS, given);
    const names = Object.keys(given);
    for (const name of names) {
      if (!Object.hasOwn(RELOADABLE_DEFAULTS, name)) {
        throw new OptionError(
          'OPTION_INVALID',
          `The option ${name} cannot be changed while the server runs. Start it again with the new value.`,
        );
      }
    }
    const changed = Object.entries(filled).filter(([name]) => names.includes(name));
    const resolved = { ...current, ...Object.fromEntries(changed) };
    check(resolved);
    return resolved;
  });
}

/** The names of the options that `changeOptions` changed. */
export function changedNames(before: ResolvedOptions, after: ResolvedOptions): string[] {
  return Object.entries(after)
    .filter(([name, value]) => !isDeepStrictEqual(Reflect.get(before, name), value))
    .map(([name]) => name);
}

/** The option `cover`, with its defaults. @throws OptionError `OPTION_INVALID`, `OPTION_UNKNOWN` */
export function coverOf({ cover }: Pick<ResolvedOptions, 'cover'>): {
  readonly isSteady: boolean;
  /** Seconds between two cells; also for clients that ask for the steady mode. */
  readonly interval: number;
} {
  const { mode, interval } = resolveCoverOption({ mode: 'steady', interval: 1 }, cover);
  return { isSteady: mode === 'steady', interval };
}

function asServerErrors<T>(resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    throw error instanceof OptionError ? new ServerError(error.code, error.message, error) : error;
  }
}

function check(options: ResolvedOptions): void {
  assertText('host', options.host);
  assertInteger('port', options.port, 0, 65535);
  assertOneOf('protocolVersion', options.protocolVersion, PROTOCOL_VERSIONS);
  if (options.identityFolder !== undefined) assertText('identityFolder', options.identityFolder);
  if (options.identity !== undefined) assertIdentity(options.identity, options.identityFolder);
  assertBoolean('decoyTraffic', options.decoyTraffic);
  assertSeconds('decoyInterval', options.decoyInterval);
  assertRange(
    'decoyMinBytes',
    options.decoyMinBytes,
    'decoyMaxBytes',
    options.decoyMaxBytes,
    MAX_CLIENT_DATA_BYTES,
  );
  checkLimits(options);
  checkMotd(options.motd);
  const { isSteady } = coverOf(options);
  assertBoolean('leaveSteadyForFiles', options.leaveSteadyForFiles);
  if (isSteady && options.padding !== 'uniform') {
    throw new OptionError(
      'OPTION_INVALID',
      'The option padding must be "uniform" when cover is "steady": its cells have one size.',
      'padding',
    );
  }
  assertInteger('logEntriesPerMinute', options.logEntriesPerMinute, 1, 1_000_000);
  checkNetworks(options.penaltyExempt);
  assertOneOf('padding', options.padding, PADDING_SHAPE_NAMES);
  assertFunction('log', options.log);
  assertMethods('clock', options.clock, ['now', 'setTimeout', 'clearTimeout']);
  assertFunction('date', options.date);
}

function checkNetworks(networks: unknown): void {
  if (Array.isArray(networks) && networks.every(isUsualNetwork)) return;
  throw new OptionError(
    'OPTION_INVALID',
    'The option penaltyExempt must be a list of IP addresses and networks, such as ["192.0.2.0/24", "2001:db8::1"].',
    'penaltyExempt',
  );
}

function isUsualNetwork(network: unknown): boolean {
  return typeof network === 'string' && usualNetwork(network) === network;
}

function checkMotd(motd: unknown): void {
  if (typeof motd === 'string' && Buffer.byteLength(motd) <= MAX_MOTD_BYTES) return;
  throw new OptionError(
    'OPTION_INVALID',
    `The option motd must be a text of at most ${MAX_MOTD_BYTES} bytes of UTF-8.`,
  );
}

function assertIdentity(identity: IdentityPems, identityFolder: string | undefined): void {
  assertObject('identity', identity);
  assertText('identity.certPem', identity.certPem);
  assertText('identity.keyPem', identity.keyPem);
  if (identityFolder !== undefined) {
    throw new ServerError('OPTION_INVALID', 'Give either identity or identityFolder, not both.');
  }
}
