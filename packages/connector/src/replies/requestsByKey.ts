import type { AwaitedReply } from './awaitedReply.js';

/** Requests by key; those in the same words form a chain, oldest first. A reply that names one can belong to any. */
export class RequestsByKey {
  readonly #first = new Map<string, AwaitedReply>();

  first(key: string): AwaitedReply | undefined {
    return this.#first.get(key);
  }

  add(request: AwaitedReply, key: string): void {
    const first = this.#first.get(key);
    request.key = key;
    if (first === undefined) {
      request.lastEqual = request;
      request.equalCount = 1;
      this.#first.set(key, request);
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
    const { key } = request;
    const first = key === undefined ? undefined : this.#first.get(key);
    if (key === undefined || first === undefined) return;
    first.equalCount--;
    if (first !== request) return;
    let next = request.nextEqual;
    while (next && !next.isNameable) next = next.nextEqual;
    const last = request.lastEqual;
    request.nextEqual = undefined;
    request.lastEqual = undefined;
    if (next === undefined) {
      this.#first.delete(key);
      return;
    }
    next.lastEqual = last;
    next.equalCount = request.equalCount;
    this.#first.set(key, next);
  }
}
