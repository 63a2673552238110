import {
  assertFunction,
  assertInteger,
  assertObject,
  assertSeconds,
  withDefaults,
} from '@quietroom/protocol';
import { ConnectorError, LoginError, SecurityError } from '../errors.js';

/** What a reconnect policy is told before each attempt. */
export interface ReconnectContext {
  /** 1 for the first attempt since the connection was last stable. */
  readonly attempt: number;
  /** Why there is no connection: what the drop or the last attempt failed with. */
  readonly cause: Error;
  /** Seconds that would be waited, drawn at random. */
  readonly delay: number;
}

/** How a connector connects again after a connection was lost. Durations are in seconds. */
export interface ReconnectOptions {
  /** The first pause is drawn from 0 to this; each further one from 0 to twice as much as before. Default 1. */
  initialDelay?: number;
  /** No pause is longer than this. Default 60. */
  maxDelay?: number;
  /** Give up after so many attempts in a row. Default: never. */
  maxAttempts?: number;
  /** Pauses begin anew after a connection that has lasted this long. Default 60. */
  stableAfter?: number;
  /**
   * Called before each pause: returns how many seconds to wait, or false to give up; undefined for `delay`.
   * Never called for what is never retried. Default: none.
   */
  decide?: (context: ReconnectContext) => number | false | undefined;
}

export type ResolvedReconnect = Readonly<
  Required<Omit<ReconnectOptions, 'decide'>> & Record<'decide', ReconnectOptions['decide']>
>;

const DEFAULTS: ResolvedReconnect = {
  initialDelay: 1,
  maxDelay: 60,
  maxAttempts: Number.POSITIVE_INFINITY,
  stableAfter: 60,
  decide: undefined,
};

/** Longer timers would fire at once in Node. */
const MAX_SECONDS = 1_000_000;

/** @throws OptionError */
export function resolveReconnect(given: boolean | ReconnectOptions): ResolvedReconnect | false {
  if (given === false) return false;
  if (given === true) return DEFAULTS;
  assertObject('reconnect', given);
  const resolved = withDefaults(DEFAULTS, given);
  assertSeconds('reconnect.initialDelay', resolved.initialDelay);
  assertSeconds('reconnect.maxDelay', resolved.maxDelay);
  if (resolved.maxAttempts !== Number.POSITIVE_INFINITY) {
    assertInteger('reconnect.maxAttempts', resolved.maxAttempts, 1, Number.MAX_SAFE_INTEGER);
  }
  assertSeconds('reconnect.stableAfter', resolved.stableAfter);
  if (resolved.decide !== undefined) assertFunction('reconnect.decide', resolved.decide);
  return resolved;
}

/**
 * True for what another attempt can mend. A server that is not the pinned one needs a person, and a name that
 * no server takes stays so.
 */
export function isRetryable(error: Error): boolean {
  if (error instanceof SecurityError) return false;
  return !(error instanceof LoginError && error.code === 'NAME_INVALID');
}

/**
 * Full jitter: each pause is drawn from 0 to a bound that doubles, so that the clients of a server that was
 * restarted do not all come back at once.
 */
export class Backoff {
  readonly #options: ResolvedReconnect;
  readonly #random: () => number;
  #attempt = 0;

  /** `random` gives numbers from 0 up to 1. */
  constructor(options: ResolvedReconnect, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** A connection that lasted so many seconds is lost. */
  dropped(lastedSeconds: number): void {
    if (lastedSeconds >= this.#options.stableAfter) this.#attempt = 0;
  }

  /** Seconds to wait before the next attempt; undefined to give up. */
  next(cause: Error): number | undefined {
    const { initialDelay, maxDelay, maxAttempts, decide } = this.#options;
    if (this.#attempt >= maxAttempts) return undefined;
    const bound = Math.min(maxDelay, initialDelay * 2 ** this.#attempt);
    this.#attempt++;
    const delay = this.#random() * bound;
    const decided = decide?.({ attempt: this.#attempt, cause, delay }) ?? delay;
    if (decided === false) return undefined;
    if (typeof decided === 'number' && decided >= 0 && decided <= MAX_SECONDS) return decided;
    throw new ConnectorError(
      'OPTION_INVALID',
      `reconnect.decide must return a number of seconds from 0 to ${MAX_SECONDS}, false or undefined. The connector does not reconnect.`,
      { cause },
    );
  }
}
