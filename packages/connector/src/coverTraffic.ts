import { randomInt } from 'node:crypto';
import type { ResolvedConfig } from './config.js';

type CoverConfig = Pick<
  ResolvedConfig,
  'clock' | 'decoyTraffic' | 'decoyInterval' | 'decoyMinBytes' | 'decoyMaxBytes' | 'keepaliveInterval'
>;

/** Enough for a server to see that the client is there; no larger than a short message. */
const KEEPALIVE_BYTES = 32;

/** Resolution of the jitter. */
const STEPS = 1_000_000;

/**
 * The packets that carry nothing: decoys at random intervals, or, where they are turned off, a keep-alive
 * at fixed ones. Both are decoy packets, which nobody but the server sees.
 */
export class CoverTraffic {
  readonly #config: CoverConfig;
  readonly #send: (dataBytes: number) => void;
  #timer: unknown;

  constructor(config: CoverConfig, send: (dataBytes: number) => void) {
    this.#config = config;
    this.#send = send;
  }

  /** The first packet goes out after one interval. */
  start(): void {
    const { clock, decoyTraffic, decoyMinBytes, decoyMaxBytes } = this.#config;
    this.#timer = clock.setTimeout(() => {
      this.#send(decoyTraffic ? randomInt(decoyMinBytes, decoyMaxBytes + 1) : KEEPALIVE_BYTES);
      this.start();
    }, this.#nextPauseMs());
  }

  stop(): void {
    this.#config.clock.clearTimeout(this.#timer);
  }

  /** A fixed interval between decoys would be a signature. */
  #nextPauseMs(): number {
    const { decoyTraffic, decoyInterval, keepaliveInterval } = this.#config;
    if (!decoyTraffic) return keepaliveInterval * 1000;
    return decoyInterval * 1000 * (0.5 + randomInt(STEPS + 1) / STEPS);
  }
}
