import { CELL_BYTES } from '@quietroom/protocol/internals';
import type { Clock } from '../time/clock.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import { RateMeter } from '../limits/rateMeter.js';
import { TokenBucket } from '../limits/tokenBucket.js';

/** This many deliveries cost about as much as receiving a text. */
const DELIVERIES_PER_TEXT = 10;

/** A file sender asks for progress about this often, which must be free. */
const FILE_BYTES_PER_TEXT = 16 * 1024;

/** What comes in more TLS records or bytes than a text needs counts as more texts. */
const RECORDS_PER_TEXT = 16;
const BYTES_PER_TEXT = 8192;

/** A client above its rate is notified at most this often. */
const TELL_AGAIN_MS = 60_000;

export interface RequestRateContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly options: CurrentOptions;
}

/** Limits the requests of one client: `messagesPerSecond`, `messageBurst`. */
export class RequestRateLimiter {
  readonly #context: RequestRateContext;
  readonly #slowed: (isToBeTold: boolean) => void;
  readonly #bucket: TokenBucket;
  readonly #meter: RateMeter;
  /** A delayed request is due at this time. */
  #dueAt = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** What came since the last request, as texts. */
  #received = 0;

  /** `slowed` is called for each delayed request. */
  constructor(context: RequestRateContext, slowed: (isToBeTold: boolean) => void) {
    this.#context = context;
    this.#slowed = slowed;
    this.#meter = new RateMeter(context.clock);
    this.#bucket = new TokenBucket(context.clock, () => {
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
    return this.#context.clock.now() < this.#dueAt;
  }

  /** Counts a request; returns the milliseconds by which it must be delayed, usually 0. */
  delayMs(): number {
    this.#meter.count();
    const waitMs = this.#bucket.take(Math.max(1, this.#received));
    this.#received = 0;
    if (waitMs > 0) {
      const now = this.#context.clock.now();
      this.#dueAt = now + waitMs;
      const isToBeTold = now - this.#toldAt >= TELL_AGAIN_MS;
      if (isToBeTold) this.#toldAt = now;
      this.#slowed(isToBeTold);
    }
    return waitMs;
  }

  /** Counts the deliveries of a request. */
  delivered(deliveries: number): void {
    this.#bucket.charge(Math.floor(deliveries / DELIVERIES_PER_TEXT));
  }

  /** Counts a received TLS record. */
  received(recordBytes: number): void {
    this.#received += 1 / RECORDS_PER_TEXT + recordBytes / BYTES_PER_TEXT;
  }

  /** Counts a packet of a file that was relayed: the transfer limits it in its own way, and it earns texts. */
  relayed(fileBytes: number): void {
    const records = 2 + fileBytes / CELL_BYTES;
    const received = records / RECORDS_PER_TEXT + (fileBytes + 2 * CELL_BYTES) / BYTES_PER_TEXT;
    this.#received = Math.max(0, this.#received - received);
    this.#bucket.charge(-fileBytes / FILE_BYTES_PER_TEXT);
  }
}
