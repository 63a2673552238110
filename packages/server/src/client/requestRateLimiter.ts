import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { CancellableDelays } from './cancellableDelays.js';
import { RateMeter } from '../limits/rateMeter.js';
import { TokenBucket } from '../limits/tokenBucket.js';

/** This many deliveries cost about as much as receiving a text. */
const DELIVERIES_PER_TEXT = 10;

/** A file sender asks for progress about this often, which must be free. */
const FILE_BYTES_PER_TEXT = 16 * 1024;

/** A client above its rate is notified at most this often. */
const TELL_AGAIN_MS = 60_000;

export interface RequestRateContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly options: CurrentOptions;
  readonly counters: Pick<Counters, 'deliveries'>;
}

/** Limits the request rate of one client: `messagesPerSecond`, `messageBurst`. */
export class RequestRateLimiter {
  readonly #context: RequestRateContext;
  readonly #pauses: CancellableDelays;
  readonly #slowed: (isToBeTold: boolean) => void;
  readonly #throttle: TokenBucket;
  readonly #meter: RateMeter;
  #waiting = 0;
  #fileBytes = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `slowed` is called for each delayed request. */
  constructor(context: RequestRateContext, pauses: CancellableDelays, slowed: (isToBeTold: boolean) => void) {
    this.#context = context;
    this.#pauses = pauses;
    this.#slowed = slowed;
    this.#meter = new RateMeter(context.clock);
    this.#throttle = new TokenBucket(context.clock, () => {
      const { messagesPerSecond: perSecond, messageBurst: burst } = context.options.current;
      return { perSecond, burst };
    });
  }

  /** The rate of requests, averaged over about 10 seconds. */
  get perSecond(): number {
    return this.#meter.perSecond;
  }

  /** True while a request waits. */
  get isSlowing(): boolean {
    return this.#waiting > 0;
  }

  /** Handles a request after its delay. */
  run(handle: () => void | Promise<void>): void | Promise<void> {
    this.#meter.count();
    const waitMs = this.#throttle.take();
    return waitMs === 0 ? this.#run(handle) : this.#runLater(handle, waitMs);
  }

  /** Credits relayed file bytes against the rate. */
  earn(bytes: number): void {
    this.#fileBytes += bytes;
    const texts = Math.floor(this.#fileBytes / FILE_BYTES_PER_TEXT);
    this.#fileBytes -= texts * FILE_BYTES_PER_TEXT;
    if (texts > 0) this.#throttle.charge(-texts);
  }

  /** Charges a text for its deliveries. */
  #run(handle: () => void | Promise<void>): void | Promise<void> {
    const { counters } = this.#context;
    const before = counters.deliveries;
    const pending = handle();
    this.#throttle.charge(Math.floor((counters.deliveries - before) / DELIVERIES_PER_TEXT));
    return pending;
  }

  async #runLater(handle: () => void | Promise<void>, waitMs: number): Promise<void> {
    const now = this.#context.clock.now();
    const isToBeTold = now - this.#toldAt >= TELL_AGAIN_MS;
    if (isToBeTold) this.#toldAt = now;
    this.#slowed(isToBeTold);
    this.#waiting++;
    await this.#pauses.wait(waitMs);
    this.#waiting--;
    await this.#run(handle);
  }
}
