import type { Clock } from '../time/clock.js';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** How long nothing may come before the server is asked. */
  readonly intervalMs: number;
  /** How long nothing may come after that before the connection is given up. */
  readonly timeoutMs: number;
  /** When something came last, whatever it was; undefined before that. */
  readonly lastReceivedAt: () => number | undefined;
  /** Asks the server something that it surely answers. */
  readonly probe: () => void;
  /** The server is not there any more. */
  readonly dead: () => void;
}

/** Notices a peer that has gone without a word, which the operating system takes a quarter of an hour for. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #startedAt = 0;
  #timer: unknown;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedAt = this.#options.clock.now();
    this.#watch();
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** When something came last, or could have. */
  get #heardAt(): number {
    return Math.max(this.#options.lastReceivedAt() ?? 0, this.#startedAt);
  }

  #watch(): void {
    const { clock, intervalMs } = this.#options;
    this.#wait(this.#heardAt + intervalMs - clock.now(), () => {
      if (clock.now() - this.#heardAt < intervalMs) this.#watch();
      else this.#probe();
    });
  }

  #probe(): void {
    const { clock, timeoutMs, probe } = this.#options;
    const probedAt = clock.now();
    // In two steps: a process that was busy for all the time must take in what has come before it judges.
    this.#wait(timeoutMs / 2, () => this.#wait(timeoutMs / 2, () => this.#judge(probedAt)));
    probe();
  }

  #judge(probedAt: number): void {
    if (this.#heardAt >= probedAt) this.#watch();
    else this.#options.dead();
  }

  #wait(ms: number, then: () => void): void {
    this.#timer = this.#options.clock.setTimeout(then, Math.max(0, ms));
  }
}
