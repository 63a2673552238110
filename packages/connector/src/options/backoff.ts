import {
  assertFunction,
  assertInteger,
  assertObject,
  assertSeconds,
  MAX_SECONDS,
  withDefaults,
} from '@quietroom/protocol/internals';
import { ConnectorError, LoginError, SecurityError } from '../errors.js';

/** The argument of `decide`. */
export interface ReconnectContext {
  /** 1 for the first attempt since the connection was last stable. */
  readonly attempt: number;
  /** The error of the lost connection, or of the last attempt. */
  readonly cause: Error;
  /** Seconds to wait by default, drawn at random. */
  readonly delay: number;
}

/** How a connector reconnects. Durations are in seconds. */
export interface ReconnectOptions {
  /** The first pause is random, from 0 to this; the upper bound doubles with each attempt. Default 1. */
  initialDelay?: number;
  /** The longest pause. Default 60. */
  maxDelay?: number;
  /** Give up after this many attempts in a row. Default: never. */
  maxAttempts?: number;
  /** A connection that lasts this long resets the pauses. Default 60. */
  stableAfter?: number;
  /**
   * Called before each pause. Returns the seconds to wait, false to give up, or undefined for `delay`. Not called for
   * errors that are never retried. Default: none.
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
 * Whether another attempt can succeed. Not after a security failure, which a person has to look at, and not for an
 * invalid name.
 */
export function isRetryable(error: Error): boolean {
  if (error instanceof SecurityError) return false;
  return !(error instanceof LoginError && error.code === 'NAME_INVALID');
}

/**
 * Exponential backoff with full jitter: each pause is random between 0 and a bound that doubles, so that the clients of
 * a restarted server do not all reconnect at once.
 */
export class Backoff {
  readonly #options: ResolvedReconnect;
  readonly #random: () => number;
  #attempt = 0;

  /** `random` returns numbers from 0 (inclusive) to 1 (exclusive). */
  constructor(options: ResolvedReconnect, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** A connection was lost after this many seconds. */
  dropped(lastedSeconds: number): void {
    if (lastedSeconds >= this.#options.stableAfter) this.#attempt = 0;
  }

  /** Seconds to wait before the next attempt; undefined: give up. */
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
