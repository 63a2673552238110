/** Work for one message; it does not reject. */
type Task = () => Promise<void> | undefined;

/** The tasks of one sender. */
export class Lane {
  readonly waiting: Task[] = [];
  isBusy = false;
}

/**
 * Runs the tasks of each sender one after another, in order, and those of different senders at once: at most
 * `maxConcurrent` in total, those that wait longest first.
 */
export class SenderQueue {
  readonly #maxConcurrent: number;
  readonly #maxPerSender: number;
  /** What waits for one of the running tasks to end or to pause. */
  readonly #ready: (() => void)[] = [];
  readonly #idleCallbacks: (() => void)[] = [];
  #busyLanes = 0;
  #running = 0;
  #waiting = 0;
  #isStarting = false;

  /** `maxPerSender`: the tasks of one sender that may wait. */
  constructor(maxConcurrent: number, maxPerSender: number) {
    this.#maxConcurrent = maxConcurrent;
    this.#maxPerSender = maxPerSender;
  }

  /** Tasks that run now, without those that are paused. */
  get running(): number {
    return this.#running;
  }

  /** Tasks that have not begun. */
  get waiting(): number {
    return this.#waiting;
  }

  /** False when too many tasks of the sender wait already. */
  add(lane: Lane, task: Task): boolean {
    if (!lane.isBusy) {
      lane.isBusy = true;
      this.#busyLanes++;
      this.#startWhenFree(lane, task);
      return true;
    }
    if (lane.waiting.length >= this.#maxPerSender) return false;
    this.#waiting++;
    lane.waiting.push(task);
    return true;
  }

  /** Frees the place of a running task while it waits for a person; `resume` takes one again. */
  pause(): void {
    this.#running--;
    this.#startNext();
  }

  resume(): Promise<void> {
    if (this.#isFree) {
      this.#running++;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#ready.push(resolve);
    });
  }

  /** Resolves when no task runs, waits or is paused. */
  idle(): Promise<void> {
    if (this.#busyLanes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleCallbacks.push(resolve);
    });
  }

  #startWhenFree(lane: Lane, task: Task): void {
    if (this.#isFree) {
      this.#running++;
      this.#run(lane, task);
      return;
    }
    this.#waiting++;
    this.#ready.push(() => {
      this.#waiting--;
      this.#run(lane, task);
    });
  }

  /** A place is free, and nothing waits for it. */
  get #isFree(): boolean {
    return this.#ready.length === 0 && this.#running < this.#maxConcurrent;
  }

  #run(lane: Lane, task: Task): void {
    for (let next: Task | undefined = task; next !== undefined; next = this.#next(lane)) {
      const result = next();
      if (result === undefined) continue;
      void result.then(() => this.#goOn(lane));
      return;
    }
  }

  #goOn(lane: Lane): void {
    const next = this.#next(lane);
    if (next !== undefined) this.#run(lane, next);
  }

  /** Ends a task: the lane's next one, if it may keep the place. */
  #next(lane: Lane): Task | undefined {
    if (lane.waiting.length > 0) {
      const next = lane.waiting.shift();
      this.#waiting--;
      if (next === undefined || this.#ready.length === 0) return next;
      this.#startWhenFree(lane, next);
    } else {
      lane.isBusy = false;
      this.#busyLanes--;
    }
    this.#running--;
    if (this.#ready.length > 0) this.#startNext();
    if (this.#busyLanes > 0 || this.#idleCallbacks.length === 0) return undefined;
    for (const callback of this.#idleCallbacks.splice(0)) callback();
    return undefined;
  }

  #startNext(): void {
    // A task that ends at once comes back here: the outer loop goes on, so that calls do not nest.
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#running < this.#maxConcurrent) {
      const start = this.#ready.shift();
      if (start === undefined) break;
      this.#running++;
      start();
    }
    this.#isStarting = false;
  }
}
