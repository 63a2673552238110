import type { Clock } from 'quietroom-connector';
import { BotError, NoAnswerError } from '../errors.js';
import type { Presence } from '../presence/presence.js';

/** The question that a bot put to one person in one place. */
interface Ask {
  readonly answer: (text: string) => void;
  readonly cancel: (error: unknown) => void;
}

/** Where and whom a question is put to. */
export interface AskTarget {
  readonly presence: Presence;
  /** A room, `lobby` or `dm`. */
  readonly place: string;
}

/** Open questions: at most one per person and place. A person's next message there is the answer. */
export class Asks {
  readonly #clock: Clock;
  readonly #open = new Map<string, Ask>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves with the answer.
   *
   * @throws NoAnswerError `timeout`, `cancelled`; BotError `SENDER_LEFT`, `STOPPING`; the signal's reason
   */
  async ask(target: AskTarget, timeoutMs: number, signal: AbortSignal | undefined): Promise<string> {
    const key = keyOf(target);
    const { presence } = target;
    signal?.throwIfAborted();
    presence.signal.throwIfAborted();
    this.#open.get(key)?.cancel(new NoAnswerError('cancelled', 'Another question took its place.'));

    const forget = new AbortController();
    let ask: Ask | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        ask = { answer: resolve, cancel: reject };
        this.#open.set(key, ask);
        for (const stop of [signal, presence.signal]) {
          stop?.addEventListener('abort', () => reject(stop.reason), { once: true, signal: forget.signal });
        }
        const timer = this.#clock.setTimeout(() => {
          const text = `There was no answer within ${timeoutMs / 1000} seconds.`;
          reject(new NoAnswerError('timeout', text));
        }, timeoutMs);
        forget.signal.addEventListener('abort', () => this.#clock.clearTimeout(timer), { once: true });
      });
    } finally {
      if (this.#open.get(key) === ask) this.#open.delete(key);
      forget.abort();
    }
  }

  /** Gives a message to the question that waits for it; false when there is none. */
  answer(target: AskTarget, text: string): boolean {
    if (this.#open.size === 0) return false;
    const key = keyOf(target);
    const ask = this.#open.get(key);
    // At once, so that it does not take the next message, too.
    this.#open.delete(key);
    ask?.answer(text);
    return ask !== undefined;
  }

  /** Ends the question that waits for this person there; false when there is none. */
  cancel(target: AskTarget, reason: unknown = new NoAnswerError('cancelled', 'Cancelled.')): boolean {
    const ask = this.#open.get(keyOf(target));
    ask?.cancel(reason);
    return ask !== undefined;
  }

  /** Ends all questions, because the bot stops. */
  cancelAll(): void {
    for (const ask of this.#open.values()) ask.cancel(new BotError('STOPPING', 'The bot stops.'));
  }
}

function keyOf({ presence, place }: AskTarget): string {
  return `${place} ${presence.name}`;
}
