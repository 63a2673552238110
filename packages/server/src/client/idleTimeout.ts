import type { Clock } from '../time/clock.js';
import type { CurrentOptions } from '../options/currentOptions.js';

/** The traffic of a client. */
export interface TrafficSeen {
  /** Grows with everything received. */
  readonly bytesRead: number;
  /** Grows with everything that the network accepts. */
  readonly writes: number;
  /** True while reading is paused because the recipient of its file accepts nothing. */
  readonly isHeld: boolean;
}

/** Detects idle and silent clients. */
export class IdleTimeout {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: CurrentOptions;
  #trafficSeen = 0;
  #idleSince: number;
  #bytesReadSeen = 0;
  #silentSince: number;

  constructor(clock: Pick<Clock, 'now'>, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#idleSince = clock.now();
    this.#silentSince = this.#idleSince;
  }

  /** Call it every minute. */
  check({ bytesRead, writes, isHeld }: TrafficSeen): 'idle' | 'silent' | undefined {
    const now = this.#clock.now();
    const { idleTimeout, silentTimeout } = this.#options.current;
    // A paused client cannot show activity; transferStallTimeout limits the pause.
    if (isHeld || bytesRead !== this.#bytesReadSeen) {
      this.#bytesReadSeen = bytesRead;
      this.#silentSince = now;
    }
    const traffic = bytesRead + writes;
    if (isHeld || traffic !== this.#trafficSeen) {
      this.#trafficSeen = traffic;
      this.#idleSince = now;
    }
    if (now - this.#idleSince >= idleTimeout * 1000) return 'idle';
    return silentTimeout > 0 && now - this.#silentSince >= silentTimeout * 1000 ? 'silent' : undefined;
  }
}
