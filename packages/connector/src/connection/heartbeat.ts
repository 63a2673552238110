import type { Clock } from '../time/clock.js';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** Silence after which the server is probed. */
  readonly intervalMs: number;
  /** Further silence after which the connection is dead. */
  readonly timeoutMs: number;
  /** When anything was last received; undefined: never. */
  readonly lastReceivedAt: () => number | undefined;
  /** Sends a question that every server answers. */
  readonly probe: () => void;
  /** The connection is dead. */
  readonly dead: () => void;
}

/** Detects a dead peer. The operating system takes a quarter of an hour for that. */
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

  /** When anything was last received, or when this was started. */
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
    // In two steps: a process that was busy all the time must read what has arrived before it decides.
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
