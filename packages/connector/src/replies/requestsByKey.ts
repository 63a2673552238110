import type { AwaitedReply } from './awaitedReply.js';

/** Requests by key; those in the same words form a chain, oldest first. A reply that names one can belong to any. */
export class RequestsByKey {
  readonly #first = new Map<string, AwaitedReply>();

  first(key: string): AwaitedReply | undefined {
    return this.#first.get(key);
  }

  add(request: AwaitedReply): void {
    const first = this.#first.get(request.key);
    request.isNameable = true;
    if (first === undefined) {
      request.lastEqual = request;
      request.equalCount = 1;
      this.#first.set(request.key, request);
      return;
    }
    if (first.lastEqual) first.lastEqual.nextEqual = request;
    first.lastEqual = request;
    first.equalCount++;
  }

  /** A reply that names the request can no longer come. */
  remove(request: AwaitedReply): void {
    if (!request.isNameable) return;
    request.isNameable = false;
    const first = this.#first.get(request.key);
    if (first === undefined) return;
    first.equalCount--;
    if (first !== request) return;
    let next = request.nextEqual;
    while (next && !next.isNameable) next = next.nextEqual;
    const last = request.lastEqual;
    request.nextEqual = undefined;
    request.lastEqual = undefined;
    if (next === undefined) {
      this.#first.delete(request.key);
      return;
    }
    next.lastEqual = last;
    next.equalCount = request.equalCount;
    this.#first.set(request.key, next);
  }
}
