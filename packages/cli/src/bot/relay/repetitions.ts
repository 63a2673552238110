import type { SeenNotice } from './relayStore.js';
import type { Notice } from './sources/notice.js';

/** The most notices that are remembered; the oldest are forgotten first. */
const MAX_SEEN = 100_000;

/** Decides which notices are sent: an alert once until it resolves or `repeat_seconds` have passed, its end once. */
export class Repetitions {
  readonly #seen: Map<string, SeenNotice>;

  constructor(seen: readonly (readonly [string, SeenNotice])[]) {
    this.#seen = new Map(seen);
  }

  /** The state to store when the notice is sent; undefined if it must not be sent. */
  check(
    route: { readonly path: string; readonly repeat_seconds: number; readonly resolved: boolean },
    { key, state }: Notice,
    now: number,
  ): readonly [key: string, seen: SeenNotice] | undefined {
    const name = `${route.path} ${key}`;
    const known = this.#seen.get(name);
    const isQuiet = known !== undefined && now < known.quietUntil;
    if (state === 'resolved') {
      // The end of an alert that was never sent is not sent either.
      if (known?.state !== 'firing') return undefined;
    } else if (isQuiet && known.state === state) {
      return undefined;
    }
    return [name, { state, quietUntil: now + route.repeat_seconds * 1000 }];
  }

  remember([key, seen]: readonly [string, SeenNotice]): void {
    this.#seen.delete(key);
    this.#seen.set(key, seen);
  }

  /** Takes back what `remember` did, because it could not be stored. */
  restore(key: string, before: SeenNotice | undefined): void {
    if (before === undefined) this.#seen.delete(key);
    else this.#seen.set(key, before);
  }

  get(key: string): SeenNotice | undefined {
    return this.#seen.get(key);
  }

  /** Removes what is over, and returns the keys. An alert that fires is kept longer, for its end. */
  expire(now: number): string[] {
    const gone: string[] = [];
    for (const [key, { state, quietUntil }] of this.#seen) {
      const isOver = now >= quietUntil + (state === 'firing' ? FIRING_KEPT_MS : 0);
      if (!isOver && this.#seen.size - gone.length <= MAX_SEEN) continue;
      gone.push(key);
    }
    for (const key of gone) this.#seen.delete(key);
    return gone;
  }
}

/** How long the end of an alert is still sent after its repetition would be: a week. */
const FIRING_KEPT_MS = 7 * 86_400_000;
