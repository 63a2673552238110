import type { Log } from './log.js';
import { REJECTION_REASONS, type RejectionReason } from './reasons.js';

/** Of so many addresses and reasons the rejections of a minute are kept apart. */
const MAX_KEPT_APART = 1000;

/** What stands for the other addresses. */
const OTHERS = 'others';

/** Counts rejections, and logs them in a way that a flood cannot abuse. */
export class Rejections {
  readonly #log: Log;
  readonly #total = new Map<RejectionReason, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
  /** What came after the first of its reason and address in this minute. */
  readonly #unlogged = new Map<string, { reason: RejectionReason; address: string; times: number }>();

  constructor(log: Log) {
    this.#log = log;
  }

  get total(): Record<RejectionReason, number> {
    return Object.fromEntries(this.#total) as Record<RejectionReason, number>;
  }

  add(reason: RejectionReason, from: string): void {
    this.#total.set(reason, (this.#total.get(reason) ?? 0) + 1);
    const isFull = this.#unlogged.size >= MAX_KEPT_APART && !this.#unlogged.has(`${reason} ${from}`);
    const address = isFull ? OTHERS : from;
    const key = `${reason} ${address}`;
    const kept = this.#unlogged.get(key);
    if (kept) {
      kept.times++;
    } else {
      this.#unlogged.set(key, { reason, address, times: 0 });
      this.#log({ event: 'refused', reason, address, times: 1 });
    }
  }

  /** To be called once a minute, and at the end: logs what was only counted. */
  flush(): void {
    for (const { reason, address, times } of this.#unlogged.values()) {
      if (times > 0) this.#log({ event: 'refused', reason, address, times });
    }
    this.#unlogged.clear();
  }
}
