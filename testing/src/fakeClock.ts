/** What a `FakeClock` gives for a timer; only its clock knows what is inside. */
export type TimerHandle = object;

interface Timer {
  readonly at: number;
  /** Timers that are due at the same time run in the order in which they were set. */
  readonly order: number;
  readonly callback: () => void;
  readonly handle: TimerHandle;
}

/**
 * Time that passes only when a test says so.
 *
 * @example
 * const clock = new FakeClock();
 * clock.setTimeout(() => console.log('half a minute later'), 30_000);
 * clock.advance(30_000);
 */
export class FakeClock {
  #now: number;
  #set = 0;
  readonly #timers = new Map<TimerHandle, Timer>();

  /** `startMs`: what `now` says before the first `advance`. */
  constructor(startMs = 0) {
    this.#now = startMs;
  }

  /** How many timers are set and have neither run nor been cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  // Arrow functions: whoever takes a clock apart into its functions keeps a working clock.
  /** Milliseconds. */
  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, ms: number): TimerHandle => {
    const handle = {};
    const timer = { at: this.#now + Math.max(0, ms), order: this.#set++, callback, handle };
    this.#timers.set(handle, timer);
    return handle;
  };

  /** Timers that have run, were cleared before or never existed are ignored, as Node ignores them. */
  readonly clearTimeout = (handle: TimerHandle | undefined): void => {
    if (handle !== undefined) this.#timers.delete(handle);
  };

  /** Lets time pass; runs what gets due on the way, in order of time, timers set meanwhile too. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#nextDue(until); timer; timer = this.#nextDue(until)) {
      this.#timers.delete(timer.handle);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
    }
    this.#now = until;
  }

  /** Lets time pass in which nothing runs, as in a process that stalls; what got due runs in the next `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

  #nextDue(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.at > until) continue;
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
