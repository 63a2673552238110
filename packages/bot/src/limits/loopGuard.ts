/** An answer that comes sooner than this after a reply is not a person's, in milliseconds. */
const REACTION_MS = 1000;

/** The fastest typing speed of a person, in characters per second. */
const TYPING_SPEED = 25;

/**
 * Detects a program that answers the replies of the bot, by messages that no person writes: at once after a reply, faster
 * than anybody types, or with the whole reply in it. After `limit` of them in a row it is ignored for `pauseMs`.
 */
export class LoopGuard {
  readonly #limit: number;
  readonly #pauseMs: number;
  #reply = '';
  #repliedAtMs: number | undefined;
  #inARow = 0;
  #ignoredUntilMs = -Infinity;

  constructor(limit: number, pauseMs: number) {
    this.#limit = limit;
    this.#pauseMs = pauseMs;
  }

  /** To be called with each reply to the sender. */
  onReply(text: string, nowMs: number): void {
    this.#reply = text;
    this.#repliedAtMs = nowMs;
  }

  /** To be called with each message of the sender: `stop` when the guard begins to ignore the sender. */
  onMessage(text: string, nowMs: number): 'pass' | 'stop' | 'ignore' {
    if (nowMs < this.#ignoredUntilMs) return 'ignore';
    if (this.#repliedAtMs === undefined) return 'pass';
    this.#inARow = this.#isAutomatic(text, nowMs - this.#repliedAtMs) ? this.#inARow + 1 : 0;
    this.#repliedAtMs = undefined;
    if (this.#inARow < this.#limit) return 'pass';
    this.#inARow = 0;
    this.#ignoredUntilMs = nowMs + this.#pauseMs;
    return 'stop';
  }

  #isAutomatic(text: string, elapsedMs: number): boolean {
    if (elapsedMs < REACTION_MS || text.length > (TYPING_SPEED * elapsedMs) / 1000) return true;
    return text.includes(this.#reply);
  }
}
