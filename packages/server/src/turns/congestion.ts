/** A queue of messages for one client that is longer than it should be. */
export interface CongestedQueue {
  /** More does not fit: no sender may add to it. */
  readonly isFull: boolean;
  /** Calls back once, when the queue is short again or its client gone. */
  whenDrained(callback: () => void): void;
}

/** Notes to which long queues a request adds, so that its sender waits for the readers. */
export class Congestion {
  #met: CongestedQueue | undefined;

  /** A message was added to this queue. */
  meet(queue: CongestedQueue): void {
    if (this.#met === undefined || queue.isFull) this.#met = queue;
  }

  /** The queue met since the last call; a full one if there was one. */
  take(): CongestedQueue | undefined {
    const met = this.#met;
    this.#met = undefined;
    return met;
  }
}
