import { onAbort } from '@quietroom/protocol/internals';

/** A place in the queue; its number changes as others come to their turn. */
interface Waiting {
  readonly start: () => void;
}

/** Lets a number of answers run at once; others wait in order. */
export class ModelQueue {
  readonly #maxConcurrent: number;
  readonly #maxWaiting: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(maxConcurrent: number, maxWaiting: number) {
    this.#maxConcurrent = maxConcurrent;
    this.#maxWaiting = maxWaiting;
  }

  get running(): number {
    return this.#running;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#maxWaiting;
  }

  /**
   * Resolves when it is this caller's turn, with what ends the turn. `onWait` is called at once, with the place in the
   * queue, when it is not.
   *
   * @throws the signal's reason
   */
  async enter(signal: AbortSignal, onWait: (place: number) => void): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running < this.#maxConcurrent) {
      this.#running++;
      return this.#turn();
    }
    await new Promise<void>((resolve, reject) => {
      const waiting = {
        start: () => {
          stopListening();
          resolve();
        },
      };
      this.#waiting.push(waiting);
      const stopListening = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
      });
      onWait(this.#waiting.length);
    });
    return this.#turn();
  }

  #turn(): () => void {
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      const next = this.#waiting.shift();
      // The turn goes over to the next one.
      if (next) next.start();
      else this.#running--;
    };
  }
}

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];
const RULES = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** `third`, `11th`. */
export function ordinal(place: number): string {
  return ORDINALS[place - 1] ?? `${place}${SUFFIXES[RULES.select(place)] ?? 'th'}`;
}
