import type { CurrentOptions } from '../options/currentOptions.js';
import type { Clock } from '../time/clock.js';
import { TokenBucket } from './tokenBucket.js';

interface Buckets<K> {
  get(key: K): TokenBucket | undefined;
  set(key: K, bucket: TokenBucket): unknown;
}

/** A client that creates a room. */
interface Creator {
  /** From `addressGroup`. */
  readonly address: string;
}

/** Limits how many rooms each client, and each address, may create in a minute. */
export class RoomCreationLimiter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: CurrentOptions;
  readonly #byClient = new WeakMap<Creator, TokenBucket>();
  readonly #byAddress = new Map<string, TokenBucket>();

  constructor(clock: Pick<Clock, 'now'>, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** False when the user may not create a room now. */
  tryTake(user: Creator): boolean {
    const ofClient = this.#bucketOf(this.#byClient, user, 'roomsPerMinute');
    const ofAddress = this.#bucketOf(this.#byAddress, user.address, 'roomsPerMinutePerAddress');
    return ofClient.tryTake() && ofAddress.tryTake();
  }

  /** To be called every minute. */
  forgetOld(): void {
    for (const [address, bucket] of this.#byAddress) if (bucket.isFull) this.#byAddress.delete(address);
  }

  #bucketOf<K>(
    buckets: Buckets<K>,
    key: K,
    option: 'roomsPerMinute' | 'roomsPerMinutePerAddress',
  ): TokenBucket {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.#clock, () => {
      const perMinute = this.#options.current[option];
      return { perSecond: perMinute / 60, burst: perMinute };
    });
    buckets.set(key, bucket);
    return bucket;
  }
}
