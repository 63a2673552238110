import { ConnectorError } from '../../errors.js';
import type { TransferContext } from './transferContext.js';

const LEAST_BYTES = 32 * 1024;
const FIRST_BYTES = 64 * 1024;
const MOST_BYTES = 16 * 1024 * 1024;

/** The delay by queues on the way that is accepted; or half the round trip, if that is longer. */
const QUEUE_MS = 1;

/**
 * How much of a file may be on its way to the server. The network would take megabytes ahead, and a message that is
 * sent meanwhile would wait behind all of it.
 *
 * The server is asked something again and again, and answers when it has read what was sent before the question. When
 * the answer takes longer than the shortest way there and back, something queues up, and less is sent ahead.
 */
export class SendWindow {
  readonly #context: TransferContext;
  readonly #signal: AbortSignal;
  readonly #changed: () => void;
  #limitBytes = FIRST_BYTES;
  #sentBytes = 0;
  #readBytes = 0;
  #shortestMs = Number.POSITIVE_INFINITY;
  #isAsking = false;

  /** `changed` is called when the window may have room again. */
  constructor(context: TransferContext, signal: AbortSignal, changed: () => void) {
    this.#context = context;
    this.#signal = signal;
    this.#changed = changed;
  }

  get isFull(): boolean {
    return this.#sentBytes - this.#readBytes >= this.#limitBytes;
  }

  /** This many more bytes were sent. */
  add(bytes: number): void {
    this.#sentBytes += bytes;
    if (!this.#isAsking && this.#isWorthAsking) void this.#ask();
  }

  get #isWorthAsking(): boolean {
    return this.#sentBytes - this.#readBytes >= LEAST_BYTES / 2;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      while (this.#isWorthAsking) {
        const sentBytes = this.#sentBytes;
        const askedAt = this.#context.clock.now();
        if (await this.#isAnswered()) {
          this.#adapt(this.#context.clock.now() - askedAt);
          this.#readBytes = sentBytes;
          this.#changed();
        }
      }
    } catch {
      // The transfer is over, and so is what it was asked for.
    } finally {
      this.#isAsking = false;
    }
  }

  /** A server that does not read for a while, since the recipient is slow, does not answer either. */
  async #isAnswered(): Promise<boolean> {
    try {
      await this.#context.ask({ type: 'features' }, this.#signal);
      return true;
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'NO_ANSWER') return false;
      throw error;
    }
  }

  #adapt(tookMs: number): void {
    this.#shortestMs = Math.min(this.#shortestMs, tookMs);
    const queuedMs = tookMs - this.#shortestMs;
    const allowedMs = Math.max(QUEUE_MS, this.#shortestMs / 2);
    if (queuedMs > 2 * allowedMs) this.#limitBytes = Math.max(LEAST_BYTES, this.#limitBytes / 2);
    else if (queuedMs < allowedMs) this.#limitBytes = Math.min(MOST_BYTES, this.#limitBytes * 2);
  }
}
