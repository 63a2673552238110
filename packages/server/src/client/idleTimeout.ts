import type { Clock } from '../time/clock.js';
import type { CurrentOptions } from '../options/currentOptions.js';

/** How a client stands at the moment. */
export interface TrafficSeen {
  /** Grows with all that comes. */
  readonly bytesRead: number;
  /** Grows with all that the network takes. */
  readonly writes: number;
  /** Whether the client is not read at present, because the recipient of its file has enough for now. */
  readonly isHeld: boolean;
}

/** Whether a client has been idle, or silent, for too long. */
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

  /** To be called each minute. */
  check({ bytesRead, writes, isHeld }: TrafficSeen): 'idle' | 'silent' | undefined {
    const now = this.#clock.now();
    const { idleTimeout, silentTimeout } = this.#options.current;
    // It cannot show that it is there while it is held, which lasts no longer than transferStallTimeout allows.
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
