import type { Flow } from './requestQueue.js';

/**
 * A source that several can tell to wait, each for reasons of its own: it flows again when the last of them
 * lets it.
 */
export class PauseCounter implements Flow {
  readonly #source: Flow;
  #pauses = 0;

  constructor(source: Flow) {
    this.#source = source;
  }

  pause(): void {
    if (this.#pauses++ === 0) this.#source.pause();
  }

  /** Takes one `pause` back. */
  resume(): void {
    if (--this.#pauses === 0) this.#source.resume();
  }
}
