import type { Log } from './log.js';
import { REJECTION_REASONS, type RejectionReason } from './reasons.js';

/** Counts rejections, and logs them. */
export class Rejections {
  readonly #log: Log;
  readonly #rejected: (reason: RejectionReason, address: string) => void;
  readonly #total = new Map<RejectionReason, number>(REJECTION_REASONS.map((reason) => [reason, 0]));

  /** `rejected` is called for each. */
  constructor(log: Log, rejected: (reason: RejectionReason, address: string) => void = () => {}) {
    this.#log = log;
    this.#rejected = rejected;
  }

  get total(): Record<RejectionReason, number> {
    return Object.fromEntries(this.#total) as Record<RejectionReason, number>;
  }

  add(reason: RejectionReason, address: string): void {
    this.#total.set(reason, (this.#total.get(reason) ?? 0) + 1);
    this.#rejected(reason, address);
    this.#log({ event: 'refused', reason, address, times: 1 });
  }
}
