import { randomInt } from 'node:crypto';
import type { Clock } from './clock.js';

export interface DecoyOptions {
  readonly decoyTraffic: boolean;
  readonly decoyInterval: number;
  readonly decoyMinBytes: number;
  readonly decoyMaxBytes: number;
  readonly clock: Clock;
}

/** Calls back at jittered intervals with the size of the next decoy, until it is stopped. */
export class Decoys {
  readonly #options: DecoyOptions;
  readonly #send: (dataBytes: number) => void;
  #timer: unknown;
  #running = false;

  constructor(options: DecoyOptions, send: (dataBytes: number) => void) {
    this.#options = options;
    this.#send = send;
  }

  start(): void {
    this.#running = this.#options.decoyTraffic;
    if (this.#running) this.#schedule();
  }

  stop(): void {
    if (this.#running) this.#options.clock.clearTimeout(this.#timer);
    this.#running = false;
  }

  #schedule(): void {
    const { clock, decoyInterval, decoyMinBytes, decoyMaxBytes } = this.#options;
    const meanMs = decoyInterval * 1000;
    // Half to one and a half of the mean: a fixed interval would be a signature.
    const pauseMs = meanMs / 2 + randomInt(Math.ceil(meanMs) + 1);
    this.#timer = clock.setTimeout(() => {
      this.#send(randomInt(decoyMinBytes, decoyMaxBytes + 1));
      // What is sent can end the connection.
      if (this.#running) this.#schedule();
    }, pauseMs);
  }
}
