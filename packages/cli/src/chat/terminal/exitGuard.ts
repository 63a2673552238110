/** A hint is shown this long, and a second press counts only as long. */
export const HINT_MS = 3000;

/** Ctrl-C and Ctrl-D: whether a press leaves the chat, or what to tell the user instead. */
export class ExitGuard {
  readonly #now: () => number;
  #hint = '';
  #shownAt = -Infinity;

  /** @param now a monotonic time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The text to show; empty after `HINT_MS`. */
  get hint(): string {
    return this.#now() - this.#shownAt < HINT_MS ? this.#hint : '';
  }

  /** Any other key takes the hint away. */
  reset(): void {
    this.#hint = '';
  }

  /** Ctrl-C. Returns true on the second press. */
  interrupt(): boolean {
    return this.#press('Ctrl-C again leaves the chat');
  }

  /** Ctrl-D in an empty text. Returns true at once, unless files are on their way. */
  endOfInput(transfers: number): boolean {
    if (transfers === 0) return true;
    const files = transfers === 1 ? 'a file is' : `${transfers} files are`;
    return this.#press(`${files} on the way: Ctrl-D again stops that and leaves`);
  }

  #press(hint: string): boolean {
    if (this.hint === hint) return true;
    this.#hint = hint;
    this.#shownAt = this.#now();
    return false;
  }
}
