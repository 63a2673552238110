/** Counts the messages of each name in a period, from its first message on. */
export class Quota {
  readonly #messages: number;
  readonly #periodMs: number;
  readonly #used = new Map<string, { count: number; readonly sinceMs: number }>();

  constructor(messages: number, periodMs: number) {
    this.#messages = messages;
    this.#periodMs = periodMs;
  }

  /** Counts a message; false when the name has none left. */
  take(name: string, nowMs: number): boolean {
    // In the order of their periods, so the expired ones are at the front.
    for (const [other, { sinceMs }] of this.#used) {
      if (nowMs - sinceMs < this.#periodMs) break;
      this.#used.delete(other);
    }
    const used = this.#used.get(name);
    if (used === undefined) {
      this.#used.set(name, { count: 1, sinceMs: nowMs });
      return true;
    }
    if (used.count >= this.#messages) return false;
    used.count++;
    return true;
  }
}
