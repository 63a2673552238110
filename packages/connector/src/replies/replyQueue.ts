import type { AwaitedReply } from './awaitedReply.js';

/** Removed entries before compaction. */
const MAX_REMOVED = 64;

/** Requests in the order in which they were sent; those that no longer belong here are left out. */
export class ReplyQueue {
  readonly #belongs: (request: AwaitedReply) => boolean;
  #requests: (AwaitedReply | undefined)[] = [];
  #head = 0;

  constructor(belongs: (request: AwaitedReply) => boolean) {
    this.#belongs = belongs;
  }

  get first(): AwaitedReply | undefined {
    this.#trim();
    return this.#requests[this.#head];
  }

  add(request: AwaitedReply): void {
    this.#trim();
    this.#requests.push(request);
  }

  #trim(): void {
    for (
      let first = this.#requests[this.#head];
      first !== undefined && !this.#belongs(first);
      first = this.#requests[this.#head]
    ) {
      // References that stay here would be moved about by the garbage collector.
      this.#requests[this.#head] = undefined;
      this.#head++;
    }
    if (this.#head >= MAX_REMOVED && this.#head * 2 > this.#requests.length) this.#compact();
  }

  #compact(): void {
    this.#requests = this.#requests.slice(this.#head);
    this.#head = 0;
  }
}
