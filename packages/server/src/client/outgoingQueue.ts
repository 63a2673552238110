import type { Channel } from '@quietroom/protocol';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { Clock } from '../time/clock.js';
import type { CongestedQueue, Congestion } from '../turns/congestion.js';
import { TIGHT_BYTES, type MemoryBudget } from '../turns/memoryBudget.js';
import type { OutgoingFileBytes } from './outgoingFileBytes.js';
import { ReadRate } from './readRate.js';

/** Senders wait for a client for which more than this share of `maxQueuedBytes` waits, until it is half of that. */
const LONG_QUEUE = 1 / 8;

/** How often the rate of a client with a long queue is checked. */
const RATE_CHECK_MS = 2000;

export interface OutgoingQueueContext {
  readonly clock: Clock;
  readonly options: CurrentOptions;
  readonly memory: MemoryBudget;
  readonly congestion: Congestion;
}

/** What waits until one client reads it. It counts as memory, senders wait for it, and a slow reader is noticed. */
export class OutgoingQueue implements CongestedQueue {
  readonly #context: OutgoingQueueContext;
  readonly #files: Pick<OutgoingFileBytes, 'allowanceBytes'>;
  readonly #tooSlow: () => void;
  #channel: Channel | undefined;
  /** What the memory budget knows of. */
  #heldBytes = 0;
  /** Since something waits. */
  #readRate: ReadRate | undefined;
  #rateCheck: unknown;
  #waiting: (() => void)[] = [];

  /** `tooSlow` is called when the client reads less than `minReadRate` of a long queue. */
  constructor(
    context: OutgoingQueueContext,
    files: Pick<OutgoingFileBytes, 'allowanceBytes'>,
    tooSlow: () => void,
  ) {
    this.#context = context;
    this.#files = files;
    this.#tooSlow = tooSlow;
  }

  /** The channel whose packets wait. */
  open(channel: Channel): void {
    this.#channel = channel;
  }

  /** Bytes that the client has not read yet. */
  get bytes(): number {
    return this.#channel?.queuedBytes ?? 0;
  }

  /** The memory that they take. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isFull(): boolean {
    return this.bytes >= this.#context.options.current.maxQueuedBytes;
  }

  whenDrained(callback: () => void): void {
    this.#waiting.push(callback);
  }

  /** Whether something waits, and the client takes less of it than `minReadRate`. */
  get readsTooSlowly(): boolean {
    const { clock, options } = this.#context;
    return this.#readRate?.isBelow(options.current.minReadRate, clock.now()) ?? false;
  }

  /** A text or a decoy was queued. */
  added(): void {
    const { clock, congestion } = this.#context;
    this.count();
    this.#readRate ??= new ReadRate(clock.now());
    if (!this.#isLong) return;
    congestion.meet(this);
    this.#rateCheck ??= clock.setTimeout(this.#checkRate, RATE_CHECK_MS);
  }

  /** TLS has taken a write. */
  taken(bytes: number): void {
    this.count();
    this.#readRate?.took(bytes, this.#context.clock.now());
    if (this.bytes === 0) this.#readRate = undefined;
    if (this.bytes <= this.#longBytes / 2) this.#release();
  }

  /** Counts the memory anew. */
  count(): void {
    // TLS holds a write once more, encrypted.
    const held = this.bytes + 2 * (this.#channel?.writingBytes ?? 0);
    this.#context.memory.add(held - this.#heldBytes);
    this.#heldBytes = held;
  }

  /** Drops all packets that are not partly sent. */
  discard(): void {
    this.#channel?.discardQueued();
    this.count();
  }

  /** The client leaves: nobody waits for it any more. */
  close(): void {
    this.#context.clock.clearTimeout(this.#rateCheck);
    this.#release();
  }

  /** The connection is closed: nothing is held any more. */
  closed(): void {
    this.#channel = undefined;
    this.count();
  }

  get #longBytes(): number {
    const { memory, options } = this.#context;
    return memory.isTight ? TIGHT_BYTES : options.current.maxQueuedBytes * LONG_QUEUE;
  }

  get #isLong(): boolean {
    return this.bytes > this.#longBytes + this.#files.allowanceBytes;
  }

  readonly #checkRate = (): void => {
    this.#rateCheck = undefined;
    if (!this.#isLong) return;
    if (this.readsTooSlowly) this.#tooSlow();
    else this.#rateCheck = this.#context.clock.setTimeout(this.#checkRate, RATE_CHECK_MS);
  };

  #release(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }
}
