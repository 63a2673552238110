import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from 'quietroom-connector';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * Time that passes only when a test says so: for the options `clock` and `date` of a bot.
 *
 * @example
 * const clock = new FakeClock();
 * const bot = new Bot({ ...chat.config('Reminder'), clock, date: clock.date });
 * await clock.advance(60);
 */
export class FakeClock implements Clock {
  #nowMs: number;
  #timers = new Map<object, Timer>();

  /** `start`: what `date` says before the first `advance`. Default: 1 January 2026, midnight UTC. */
  constructor(start: Date = new Date(Date.UTC(2026, 0, 1))) {
    this.#nowMs = start.getTime();
  }

  /** The timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  readonly date = (): Date => new Date(this.#nowMs);

  setTimeout(callback: () => void, ms: number): object {
    const handle = {};
    this.#timers.set(handle, { atMs: this.#nowMs + Math.max(0, ms), callback });
    return handle;
  }

  clearTimeout(handle: object | undefined): void {
    if (handle !== undefined) this.#timers.delete(handle);
  }

  /**
   * Lets seconds pass. Timers run in the order of their times, those set meanwhile too. Promises and input get their turn
   * before and after each.
   */
  async advance(seconds: number): Promise<void> {
    await turn();
    const endMs = this.#nowMs + seconds * 1000;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      const [handle, { atMs, callback }] = next;
      this.#timers.delete(handle);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      callback();
      await turn();
    }
    this.#nowMs = endMs;
    await turn();
  }

  /** The first due timer; of those of one time, the one set first. */
  #nextDue(endMs: number): [object, Timer] | undefined {
    let next: [object, Timer] | undefined;
    for (const entry of this.#timers) {
      if (entry[1].atMs <= endMs && (next === undefined || entry[1].atMs < next[1].atMs)) next = entry;
    }
    return next;
  }
}
