import { CELL_BYTES, Fifo } from '@quietroom/protocol/internals';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { Clock } from '../time/clock.js';
import { TokenBucket } from './tokenBucket.js';

/** A sender below this rate never waits: people, and most bots. */
const UNLIMITED_RATE = { perSecond: 10, burst: 50 };

/** With more members than this, fewer messages are allowed, so that the deliveries stay the same. */
const MEMBERS_AT_FULL_RATE = 15;

/** Senders who never wait take no more tokens when a place is so far behind: else those who wait would do so for hours. */
const MOST_OWED_MS = 2000;

/** How often waiting senders are let on. */
const TICK_MS = 10;

/** A message to the members of a place. */
export interface PlaceMessage {
  /** The lobby or a room, by identity. */
  readonly place: object;
  readonly sender: object;
  readonly members: number;
  readonly bytes: number;
}

/**
 * Limits how fast clients together can send to a place. All of it goes to each member, so that a client reads a flood
 * in the lobby before the direct messages that come after it. Senders above the limit wait and take turns.
 */
export class PlaceLimiter {
  readonly #clock: Clock;
  readonly #options: CurrentOptions;
  readonly #places = new WeakMap<object, PlaceQueue>();
  readonly #senders = new WeakMap<object, TokenBucket>();
  readonly #waiting = new WeakSet<object>();

  constructor(clock: Clock, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Counts a message. Gives a promise when the sender must wait before its next request. */
  charge({ place, sender, members, bytes }: PlaceMessage): Promise<void> | undefined {
    const queue = this.#queueOf(place);
    // A message longer than a cell counts as several.
    const cells = 1 + Math.floor(bytes / CELL_BYTES);
    const isOver = queue.add(cells * Math.max(1, members / MEMBERS_AT_FULL_RATE));
    const isSlow = this.#senderOf(sender).tryTake();
    if (!isOver || isSlow) return undefined;
    this.#waiting.add(sender);
    return queue.wait().then(() => void this.#waiting.delete(sender));
  }

  isWaiting(sender: object): boolean {
    return this.#waiting.has(sender);
  }

  #queueOf(place: object): PlaceQueue {
    const known = this.#places.get(place);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.#clock, () => {
      const { placeMessagesPerSecond: perSecond, placeMessageBurst: burst } = this.#options.current;
      return { perSecond, burst };
    });
    const queue = new PlaceQueue(this.#clock, bucket);
    this.#places.set(place, queue);
    return queue;
  }

  #senderOf(sender: object): TokenBucket {
    const known = this.#senders.get(sender);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.#clock, () => UNLIMITED_RATE);
    this.#senders.set(sender, bucket);
    return bucket;
  }
}

/** The senders who wait for a place, in the order in which they began to. */
class PlaceQueue {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #waiting = new Fifo<() => void>();
  #isTicking = false;

  constructor(clock: Clock, bucket: TokenBucket) {
    this.#clock = clock;
    this.#bucket = bucket;
  }

  /** Takes tokens. True when none are left, or others wait for them. */
  add(tokens: number): boolean {
    const isFarBehind = this.#bucket.take(0) > MOST_OWED_MS;
    return this.#bucket.take(isFarBehind ? 0 : tokens) > 0 || this.#waiting.length > 0;
  }

  /** Resolves when it is the sender's turn. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#clock.setTimeout(() => {
      this.#isTicking = false;
      for (let left = this.#bucket.available; left >= 1; left--) this.#waiting.take()?.();
      if (this.#waiting.length > 0) this.#tick();
    }, TICK_MS);
  }
}
