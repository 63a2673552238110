import { ConnectorError, systemClock, type Clock, type ConnectorConfig } from 'quietroom-connector';
import type { SessionStorage } from './presence/sessionStorage.js';

/** The sessions of a bot. */
export interface SessionOptions<S> {
  /** Creates the session of a new user. */
  initial: () => S;
  /** Where sessions are kept. Default: in memory. */
  storage?: SessionStorage<S>;
}

/** How a bot behaves, besides the options of its connector. Durations are in seconds. */
export interface OwnOptions<S> {
  /** What commands begin with. A `/` is not allowed: servers take such texts for their own commands. Default `'!'`. */
  prefix?: string;
  /** Rooms to join after connecting; with `{ room, password }` a protected one. Default: none. */
  rooms?: readonly (string | { readonly room: string; readonly password: string })[];
  /** Answer `!help`, and unknown commands in messages for the bot. Default true. */
  help?: boolean;
  /** Keep a session for each sender. Default: none. */
  session?: SessionOptions<S>;
  /**
   * Seconds without a message after which a presence ends, and with it the session: 1.1 servers do not tell rooms who
   * leaves. Default 3600.
   */
  presenceIdle?: number;
  /** Messages of different senders that are handled at once; others wait. Default 100. */
  maxConcurrent?: number;
  /** Messages of one sender that wait for the one being handled; the bot drops further ones. Default 20. */
  maxQueuedPerSender?: number;
  /** Messages that a sender may write at once, and again in each period of `seconds`. Default 30 in 60; false: no limit. */
  rateLimit?: { readonly messages: number; readonly seconds: number } | false;
  /**
   * Ignore a sender for `pause` seconds after so many `messages` in a row that came faster than a person writes or
   * repeated the bot's reply, as those of another bot. Default 5 and 60; false: never.
   */
  loopGuard?: { readonly messages: number; readonly pause: number } | false;
  /** Seconds that `ctx.ask` waits for an answer. Default 60. */
  askTimeout?: number;
  /** The time of day, for tests. Default: the system's. */
  date?: () => Date;
}

/** All options of a bot: its own, and those of its connector, where `reconnect` is true by default. */
export interface BotOptions<S> extends OwnOptions<S>, ConnectorConfig {}

/** The options of a bot with all defaults. */
export type ResolvedOptions<S> = Required<Omit<OwnOptions<S>, 'session'>> & {
  readonly session: SessionOptions<S> | undefined;
  readonly clock: Clock;
  readonly connector: ConnectorConfig;
};

/**
 * Fills in the defaults and checks the options, all but those of the connector.
 *
 * @throws ConnectorError `OPTION_INVALID`
 */
export function resolveOptions<S>(options: BotOptions<S>): ResolvedOptions<S> {
  const {
    prefix = '!',
    rooms = [],
    help = true,
    session,
    presenceIdle = 3600,
    maxConcurrent = 100,
    maxQueuedPerSender = 20,
    rateLimit = { messages: 30, seconds: 60 },
    loopGuard = { messages: 5, pause: 60 },
    askTimeout = 60,
    date = () => new Date(),
    ...connector
  } = options;
  if (typeof prefix !== 'string' || !/^[^\s/[]\S{0,7}$/.test(prefix)) {
    throw invalid('prefix', 'must have 1 to 8 characters, no blanks, and not begin with / or [');
  }
  assertSeconds('presenceIdle', presenceIdle);
  assertCount('maxConcurrent', maxConcurrent);
  assertCount('maxQueuedPerSender', maxQueuedPerSender);
  assertSeconds('askTimeout', askTimeout);
  if (rateLimit !== false) {
    assertCount('rateLimit.messages', rateLimit.messages);
    assertSeconds('rateLimit.seconds', rateLimit.seconds);
  }
  if (loopGuard !== false) {
    assertCount('loopGuard.messages', loopGuard.messages);
    assertSeconds('loopGuard.pause', loopGuard.pause);
  }
  if (session !== undefined && typeof session.initial !== 'function') {
    throw invalid('session.initial', 'must be a function');
  }
  return {
    prefix,
    rooms,
    help,
    session,
    presenceIdle,
    maxConcurrent,
    maxQueuedPerSender,
    rateLimit,
    loopGuard,
    askTimeout,
    date,
    clock: connector.clock ?? systemClock,
    connector: { reconnect: true, ...connector },
  };
}

function assertSeconds(option: string, seconds: number): void {
  if (!(typeof seconds === 'number' && seconds > 0 && seconds <= 2_000_000)) {
    throw invalid(option, 'must be a number of seconds above 0 and up to 2000000');
  }
}

function assertCount(option: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw invalid(option, 'must be a whole number of at least 1');
}

function invalid(option: string, requirement: string): ConnectorError {
  return new ConnectorError('OPTION_INVALID', `The option ${option} ${requirement}.`, { option });
}
