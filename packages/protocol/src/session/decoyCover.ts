import { randomInt } from 'node:crypto';
import type { Clock, Cover } from './cover.js';

export interface DecoyCoverOptions {
  readonly clock: Clock;
  /** The mean pause, in seconds. */
  readonly interval: number;
  /** Draw each pause from half to one and a half times the interval: a fixed pause would be recognisable. */
  readonly isJittered: boolean;
  /** Sizes of the packets' data, inclusive. */
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** Calls back at intervals with the size of the next decoy, until it is stopped. */
export class DecoyCover implements Cover {
  readonly #options: DecoyCoverOptions;
  readonly #send: (dataBytes: number) => void;
  #timer: unknown;
  #isRunning = false;

  constructor(options: DecoyCoverOptions, send: (dataBytes: number) => void) {
    this.#options = options;
    this.#send = send;
  }

  /** The first packet is due after one pause. */
  start(): void {
    this.#isRunning = true;
    this.#schedule();
  }

  finish(): void {
    this.stop();
  }

  stop(): void {
    if (this.#isRunning) this.#options.clock.clearTimeout(this.#timer);
    this.#isRunning = false;
  }

  #schedule(): void {
    const { clock, minBytes, maxBytes } = this.#options;
    this.#timer = clock.setTimeout(() => {
      this.#send(randomInt(minBytes, maxBytes + 1));
      // Sending can end the connection.
      if (this.#isRunning) this.#schedule();
    }, this.#pauseMs());
  }

  #pauseMs(): number {
    const { interval, isJittered } = this.#options;
    const meanMs = interval * 1000;
    return isJittered ? meanMs / 2 + randomInt(Math.ceil(meanMs) + 1) : meanMs;
  }
}
