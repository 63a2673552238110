/** A possible sealed packet in the stream; offsets count from the start of the stream. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
  /** It starts at the start of a chunk. */
  readonly hinted: boolean;
}

/** Candidates whose last byte has not arrived, earliest end first: a binary heap. */
export class OpenCandidates {
  readonly #heap: Candidate[] = [];

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  add(candidate: Candidate): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.end <= candidate.end) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = candidate;
  }

  /** Removes the candidate with the earliest end, if it ends within the first `received` bytes. */
  takeWhole(received: number): Candidate | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.end > received) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sink(candidate: Candidate): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const child = right !== undefined && right.end < left.end ? right : left;
      if (child.end >= candidate.end) break;
      heap[at] = child;
      at = child === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = candidate;
  }
}
