import type { ServerMessage } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';

export interface JoinedWritesOptions {
  readonly clock: Clock;
  /** How long the second answer may come after the first. */
  readonly timeoutMs: number;
  /** Sends texts in one write. Does not throw. */
  readonly sendJoined: (texts: readonly string[]) => void;
  /** The server takes several packets in one write. */
  readonly proven: () => void;
  /** The second answer is missing. */
  readonly failed: () => void;
}

/** Commands that no server has: each server answers that it does not know them, naming the command, to us only. */
export const QUESTIONS = ['/packet1', '/packet2'] as const;

/**
 * Finds out whether packets can share a write. They can when TLS cuts the write into records of one packet each, as
 * `setMaxSendFragment` promises. Some runtimes promise it and do not do it; then a 1.x server loses all packets of a
 * record but the first, without a word. So two questions go in one write: the answer to the second is the proof.
 *
 * Each question has words of its own, so that no other answer can be taken for the second one.
 */
export class JoinedWrites {
  readonly #options: JoinedWritesOptions;
  #state: 'untried' | 'asked' | 'answered once' | 'over' = 'untried';
  #timer: unknown;

  constructor(options: JoinedWritesOptions) {
    this.#options = options;
  }

  get isUntried(): boolean {
    return this.#state === 'untried';
  }

  /** Asks. Until it is proven, each packet needs a write of its own. */
  ask(): void {
    this.#state = 'asked';
    this.#options.sendJoined(QUESTIONS);
  }

  /** Returns whether the message is an answer to one of the questions. */
  onMessage(message: ServerMessage): boolean {
    if (message.type !== 'refusal' || message.reason !== 'unknownCommand') return false;
    const [first, second] = QUESTIONS;
    if (message.word === first && this.#state === 'asked') this.#onFirst();
    // A late answer is a proof, too.
    else if (message.word === second && this.#state === 'answered once') this.#onSecond();
    return message.word === first || message.word === second;
  }

  stop(): void {
    this.#state = 'over';
    this.#options.clock.clearTimeout(this.#timer);
  }

  #onFirst(): void {
    const { clock, timeoutMs, failed } = this.#options;
    this.#state = 'answered once';
    this.#timer = clock.setTimeout(failed, timeoutMs);
  }

  #onSecond(): void {
    this.stop();
    this.#options.proven();
  }
}
