/** A source that can be paused. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * A source that several parties can pause: it resumes when the last of them
 * has resumed it.
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

  /** Reverts one `pause`. */
  resume(): void {
    if (--this.#pauses === 0) this.#source.resume();
  }

  /** Reverts all pauses. */
  release(): void {
    if (this.#pauses > 0) this.#source.resume();
    this.#pauses = 0;
  }
}
