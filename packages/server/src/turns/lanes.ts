import { Fifo } from '@quietroom/protocol/internals';

/** Of so many that are taken, one is from the slow lane. */
const SLOW_SHARE = 4;

/** Two queues: the quick lane goes first, and the slow one never stands still. */
export class Lanes<T> {
  readonly #quick = new Fifo<T>();
  readonly #slow = new Fifo<T>();
  #taken = 0;

  get length(): number {
    return this.#quick.length + this.#slow.length;
  }

  addQuick(item: T): void {
    this.#quick.add(item);
  }

  addSlow(item: T): void {
    this.#slow.add(item);
  }

  take(): T | undefined {
    const isSlowFirst = ++this.#taken % SLOW_SHARE === 0;
    const [first, second] = isSlowFirst ? [this.#slow, this.#quick] : [this.#quick, this.#slow];
    return first.take() ?? second.take();
  }
}
