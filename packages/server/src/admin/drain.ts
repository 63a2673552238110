import type { Clock } from '../time/clock.js';

/** What a drain needs of the server. */
export interface DrainHost {
  readonly clock: Clock;
  readonly userCount: number;
  /** Ends the server. */
  close(): void;
}

/** Waits until the last user has left, or until a time, and then ends the server. */
export class Drain {
  readonly #host: DrainHost;
  #isRunning = false;
  #timer: unknown;

  constructor(host: DrainHost) {
    this.#host = host;
  }

  /** Starts, or changes the time of a running drain. Undefined: no time limit. */
  start(seconds: number | undefined): void {
    this.cancel();
    this.#isRunning = true;
    if (seconds !== undefined) {
      this.#timer = this.#host.clock.setTimeout(() => this.#end(), seconds * 1000);
    }
    this.check();
  }

  /** False when none was running. */
  cancel(): boolean {
    const wasRunning = this.#isRunning;
    this.#isRunning = false;
    this.#host.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    return wasRunning;
  }

  /** To be called when a user has left. */
  check(): void {
    if (this.#isRunning && this.#host.userCount === 0) this.#end();
  }

  #end(): void {
    this.cancel();
    this.#host.close();
  }
}
