import type { Clock } from '../time/clock.js';
import type { AwaitedReply } from './awaitedReply.js';
import { expectedReplyOf, QUESTION_KEY, type Lane } from './replyKeys.js';

/** A server sends an echo at most this part of the time-out later than a direct reply. */
export const ECHO_DELAY = 1 / 4;

export interface ReplyTimeoutsOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The first request that waits, in the order of sending. */
  readonly firstWaiting: () => AwaitedReply | undefined;
  /** A request has waited for too long; it no longer waits afterwards. */
  readonly giveUp: (request: AwaitedReply) => void;
  /** Asks a question that every server answers; the answer shows that the replies before it will not come. */
  readonly ask: () => void;
  /** Called after requests were given up. */
  readonly gaveUp: () => void;
}

/**
 * When a request has waited for too long. The time-out counts from when it was sent, or from the last reply in its lane,
 * whichever is later: a server that works through many requests is slow, but not silent. A direct reply counts for the
 * echoes too until it passes their requests. Half a time-out after sending, a question is asked, so that a dropped reply
 * is noticed although others come.
 */
export class ReplyTimeouts {
  readonly #options: ReplyTimeoutsOptions;
  #timer: unknown;
  #hasLookedTwice = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #repliedAt: Record<Lane, number> = {
    direct: Number.NEGATIVE_INFINITY,
    lobby: Number.NEGATIVE_INFINITY,
    room: Number.NEGATIVE_INFINITY,
  };

  constructor(options: ReplyTimeoutsOptions) {
    this.#options = options;
  }

  /** A request was sent. */
  sent(): void {
    if (this.#timer === undefined) this.#arm();
  }

  /** A reply came. */
  replied(lane: Lane): void {
    this.#repliedAt[lane] = this.#options.clock.now();
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Waits until the first request is to be asked about, or to be given up. */
  #arm(): void {
    const { clock, timeoutMs, firstWaiting } = this.#options;
    const first = firstWaiting();
    if (first?.sentAt === undefined) return;
    const now = clock.now();
    const halfAt = first.sentAt + timeoutMs / 2;
    // At half time it is looked at also when it is not to be asked about: the next one may have to be.
    const dueAt = halfAt > now || this.#isToBeAsked(first) ? halfAt : this.#giveUpAt(first);
    this.#timer = clock.setTimeout(() => this.#onTimer(), Math.max(0, dueAt - now));
  }

  #giveUpAt({ sentAt, lane, passedAt }: AwaitedReply): number {
    if (sentAt === undefined) return Number.POSITIVE_INFINITY;
    const { direct, [lane]: own } = this.#repliedAt;
    return Math.max(sentAt, own, passedAt === undefined ? direct : own) + this.#options.timeoutMs;
  }

  /** A question after a question would show nothing more. */
  #isToBeAsked({ sentAt, meaning }: AwaitedReply): boolean {
    if (sentAt === undefined || meaning === undefined || sentAt <= this.#askedAt) return false;
    return expectedReplyOf(meaning)?.key !== QUESTION_KEY;
  }

  #onTimer(): void {
    const { clock, timeoutMs, firstWaiting } = this.#options;
    this.#timer = undefined;
    const now = clock.now();
    let first = firstWaiting();
    // A process that was busy or suspended reads what has come meanwhile before it gives up.
    if (first && this.#giveUpAt(first) <= now && !this.#hasLookedTwice) {
      this.#hasLookedTwice = true;
      this.#timer = clock.setTimeout(() => this.#onTimer(), 0);
      return;
    }
    this.#hasLookedTwice = false;
    let isToBeAsked = false;
    let hasGivenUp = false;
    for (; first && this.#giveUpAt(first) <= now; first = firstWaiting()) {
      this.#options.giveUp(first);
      hasGivenUp = true;
      // The second answer shows that its echo is not only late.
      isToBeAsked ||= first.lane !== 'direct' && this.#askedAt + timeoutMs * ECHO_DELAY <= now;
    }
    if (first?.sentAt !== undefined && first.sentAt + timeoutMs / 2 <= now) {
      isToBeAsked ||= this.#isToBeAsked(first);
    }
    if (isToBeAsked) {
      this.#askedAt = now;
      this.#options.ask();
    }
    if (hasGivenUp) this.#options.gaveUp();
    // The callbacks may have sent something, and so have armed it.
    if (this.#timer === undefined) this.#arm();
  }
}
