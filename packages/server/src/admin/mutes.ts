import { ServerError } from '../errors.js';
import type { Clock } from '../time/clock.js';

/** Bounds the memory; mutes without an end stay until the server ends. */
const MAX_MUTES = 10_000;

/** The names that may not send to others. They end with the server. */
export class Mutes {
  readonly #clock: Pick<Clock, 'now'>;
  /** By name, when it ends; Infinity without an end. */
  readonly #endsAt = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get size(): number {
    const now = this.#clock.now();
    for (const [name, endsAt] of this.#endsAt) if (endsAt <= now) this.#endsAt.delete(name);
    return this.#endsAt.size;
  }

  /**
   * Mutes a name for `seconds` from now on; Infinity: until it is lifted.
   *
   * @throws ServerError `OPTION_INVALID` at 10,000 mutes
   */
  add(name: string, seconds: number): void {
    if (this.size >= MAX_MUTES && !this.#endsAt.has(name)) {
      throw new ServerError('OPTION_INVALID', `${MAX_MUTES} names are muted already. Unmute some.`);
    }
    this.#endsAt.set(name, this.#clock.now() + seconds * 1000);
  }

  /** False when the name is not muted. */
  remove(name: string): boolean {
    const wasMuted = this.secondsLeft(name) > 0;
    this.#endsAt.delete(name);
    return wasMuted;
  }

  /** 0 for a name that is not muted, Infinity for one without an end. */
  secondsLeft(name: string): number {
    const endsAt = this.#endsAt.get(name);
    return endsAt === undefined ? 0 : Math.max(0, (endsAt - this.#clock.now()) / 1000);
  }
}
