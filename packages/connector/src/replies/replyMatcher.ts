import type { ClientRequest, ServerMessage } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';
import type { AwaitedReply } from './awaitedReply.js';
import { CONNECTION_LOST, NO_ANSWER, type Answered, type Outcome } from './outcome.js';
import { ReplyGroup } from './replyGroup.js';
import { expectedReplyOf, isGroupKey, laneOf, namesRequest, replyKeyOf } from './replyKeys.js';
import { ReplyQueue } from './replyQueue.js';
import { ECHO_DELAY, ReplyTimeouts } from './replyTimeouts.js';
import { RequestsByKey } from './requestsByKey.js';

export interface ReplyMatcherOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Our name: replies that name another user belong to nothing here. */
  readonly username: string;
  /**
   * Called when a request has waited for half the time-out: sends a question that every server answers; the answer
   * shows that dropped replies will not come.
   */
  readonly ask: () => void;
  /** Called after requests were given up. */
  readonly gaveUp: () => void;
}

/** How many overdue requests are kept for late replies. */
const MAX_OVERDUE = 10_000;

const isNameable = (request: AwaitedReply): boolean => request.isNameable;

/**
 * Finds the request that a reply belongs to, in a protocol whose replies carry no number.
 *
 * Direct replies come in the order of requests, and so do the echoes of each other lane; but a busy server drops some
 * silently. So the text of a reply decides:
 *
 * - A reply that names one request belongs to the first that waits in these words. It passes those before it: no reply
 *   to them will come. Where others wait in the same words, the first takes it, and what it passes is less certain.
 * - A reply that names less, such as `User 'bob' is not online.`, is kept by its group until it is certain which
 *   request it belongs to: when there are as many replies as requests that they can mean. Each reply that a group keeps
 *   belongs to one of its requests (up to the order of equal ones), so there are never too many.
 *
 * Most replies belong to the oldest request that waits, which a comparison shows. Only when one does not, the requests
 * are indexed by keys and groups. Each step costs the same however many requests wait.
 */
export class ReplyMatcher {
  readonly #options: ReplyMatcherOptions;
  readonly #timeouts: ReplyTimeouts;
  /** All requests that a reply can still name. */
  readonly #nameable = new ReplyQueue(isNameable);
  readonly #unindexed = new ReplyQueue(({ key, state }) => key === undefined && state !== 'over');
  /** All requests that no direct reply has passed yet. */
  readonly #direct = new ReplyQueue(({ state, passedAt }) => state !== 'over' && passedAt === undefined);
  readonly #echoed = { lobby: new ReplyQueue(isNameable), room: new ReplyQueue(isNameable) };
  /** Requests whose echo has been passed by a direct reply. */
  readonly #late = new ReplyQueue(isNameable);
  readonly #waitingQueue = new ReplyQueue(({ state }) => state === 'waiting');
  readonly #overdueQueue = new ReplyQueue(({ state }) => state === 'overdue');
  readonly #byKey = new RequestsByKey();
  readonly #groups = new Map<string, ReplyGroup>();
  #count = 0;
  #waiting = 0;
  #overdue = 0;
  /**
   * By key, the last repeatable request whose reply may still come although it is over: the next one in the same words
   * takes that reply, which then shows nothing certain about other requests.
   */
  readonly #repeatable = new Map<string, AwaitedReply>();

  constructor(options: ReplyMatcherOptions) {
    this.#options = options;
    this.#timeouts = new ReplyTimeouts({
      ...options,
      firstWaiting: () => this.#waitingQueue.first,
      giveUp: (request) => this.#giveUp(request),
    });
  }

  /** Requests that wait for a reply and are not overdue. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * A request is about to be sent. It is settled once, unless it is withdrawn. Returns false when no reply to it is
   * expected; then it is never settled.
   */
  expect(request: AwaitedReply, meaning: ClientRequest, place?: string): boolean {
    const lane = laneOf(meaning);
    if (lane === undefined) return false;
    request.state = 'waiting';
    request.lane = lane;
    request.meaning = meaning;
    request.isNameable = true;
    request.number = this.#count++;
    request.place = place;
    request.expectedAt = this.#options.clock.now();
    this.#nameable.add(request);
    this.#unindexed.add(request);
    this.#direct.add(request);
    if (lane !== 'direct') this.#echoed[lane].add(request);
    this.#waitingQueue.add(request);
    this.#waiting++;
    return true;
  }

  /** TLS has taken the request: its time-out begins. */
  sent(request: AwaitedReply): void {
    request.sentAt = this.#options.clock.now();
    if (request.state === 'waiting') this.#timeouts.sent();
  }

  /** The request was not sent after all; it is not settled. */
  withdraw(request: AwaitedReply): void {
    if (request.state !== 'waiting') return;
    this.#remove(request);
    this.#waiting--;
  }

  /** Takes a message; returns a request that it can be a reply to, or undefined when there is none. */
  take(message: ServerMessage, raw: string): AwaitedReply | undefined {
    const request = this.#takeFirst(message, raw) ?? this.#takeByKey(message, raw);
    if (request) this.#timeouts.replied(request.lane);
    return request;
  }

  /** The connection is lost: no more replies come. */
  end(): void {
    this.#timeouts.stop();
    this.#repeatable.clear();
    for (const queue of [this.#waitingQueue, this.#overdueQueue]) {
      for (let request = queue.first; request; request = queue.first) this.#finish(request, CONNECTION_LOST);
    }
  }

  /** The reply to the oldest request shows nothing about others. */
  #takeFirst(message: ServerMessage, raw: string): AwaitedReply | undefined {
    const first = this.#nameable.first;
    if (first?.meaning === undefined || this.#repeatable.size > 0) return undefined;
    if (!namesRequest(message, first.meaning, this.#options.username)) return undefined;
    const { group, lane } = first;
    if (lane === 'direct' && this.#direct.first !== first) return undefined;
    this.#finish(first, { type: 'answered', message, raw });
    if (lane === 'direct') this.#passLate(first);
    if (group && group.answers.length > 0) {
      this.#index();
      this.#attribute(group, false);
    }
    return first;
  }

  #takeByKey(message: ServerMessage, raw: string): AwaitedReply | undefined {
    const key = replyKeyOf(message, this.#options.username);
    if (key === undefined) return undefined;
    this.#index();
    return isGroupKey(key) ? this.#takeGroup(key, message, raw) : this.#takeExact(key, message, raw);
  }

  #index(): void {
    for (let request = this.#unindexed.first; request; request = this.#unindexed.first) {
      const expected = request.meaning && expectedReplyOf(request.meaning);
      if (expected === undefined) return;
      request.isRepeatable = expected.isRepeatable;
      this.#byKey.add(request, expected.key);
      if (expected.group !== undefined) this.#groupOf(expected.group).add(request);
    }
  }

  #takeExact(key: string, message: ServerMessage, raw: string): AwaitedReply | undefined {
    const request = this.#byKey.first(key);
    const late = this.#repeatable.get(key);
    if (request === undefined) return late && this.#takeLate(late, message, raw);
    const isOnly = request.equalCount === 1;
    const { group, lane } = request;
    this.#finish(request, { type: 'answered', message, raw });
    if (late) this.#repeatable.set(key, request);
    else if (lane === 'direct') this.#passDirect(request, isOnly);
    else this.#passEchoes(this.#echoed[lane], request);
    if (group) this.#attribute(group, false);
    return request;
  }

  /** No caller waits for it; and as it may belong to any request that is over, it shows nothing about others. */
  #takeLate(late: AwaitedReply, message: ServerMessage, raw: string): AwaitedReply {
    if (late.state === 'overdue') this.#finish(late, { type: 'answered', message, raw });
    return late;
  }

  #takeGroup(name: string, message: ServerMessage, raw: string): AwaitedReply | undefined {
    const group = this.#groups.get(name);
    const first = group?.first;
    if (group === undefined || first === undefined) return undefined;
    group.answers.push({ type: 'answered', message, raw });
    this.#attribute(group, true);
    return first;
  }

  /** With as many replies as requests it is certain which belongs to which; `isCertain` as in `#passDirect`. */
  #attribute(group: ReplyGroup, isCertain: boolean): void {
    if (group.answers.length === 0 || group.answers.length !== group.count) return;
    const last = this.#finishFirst(group, group.takeAnswers());
    if (last) this.#passDirect(last, isCertain);
  }

  /**
   * No more direct replies to what was sent before will come. `isCertain`: all replies so far belong to what was sent
   * up to this request; otherwise some may belong to what was sent later.
   */
  #passDirect(answered: AwaitedReply, isCertain: boolean): void {
    let lastOf: Map<ReplyGroup, AwaitedReply> | undefined;
    let request = this.#direct.first;
    for (; request && request.number < answered.number; request = this.#direct.first) {
      const { group, lane } = request;
      const isRefused = group !== undefined && group.answers.length > 0;
      if (isRefused && !isCertain) break;
      if (isRefused) {
        group.passed++;
        lastOf ??= new Map();
        lastOf.set(group, request);
      } else {
        this.#leaveGroup(request);
      }
      request.passedAt = this.#options.clock.now();
      if (lane !== 'direct') this.#late.add(request);
    }
    if (lastOf) for (const [group, last] of lastOf) this.#settlePassed(group, last);
    this.#passLate(answered);
    if (this.#repeatable.size > 0) this.#forgetRepeatable(answered);
  }

  #forgetRepeatable(answered: AwaitedReply): void {
    for (const [key, late] of this.#repeatable) {
      if (late.number < answered.number) this.#repeatable.delete(key);
    }
  }

  /** Gives up on an echo once the reply to a sufficiently later request has come. */
  #passLate(answered: AwaitedReply): void {
    const passedBefore = answered.expectedAt - this.#options.timeoutMs * ECHO_DELAY;
    for (let request = this.#late.first; request; request = this.#late.first) {
      if (request.passedAt === undefined || request.passedAt > passedBefore) break;
      this.#passEcho(request);
    }
  }

  /** All replies of the group so far belong to those of it that are passed. */
  #settlePassed(group: ReplyGroup, last: AwaitedReply): void {
    if (group.answers.length === group.passed) {
      this.#finishFirst(group, group.takeAnswers());
    } else if (last.lane === 'direct' || last.state === 'overdue') {
      this.#release(group);
    }
    // Else echoes may still come, and decide.
  }

  /** It stays unknown which of the passed requests of the group its replies belong to. */
  #release(group: ReplyGroup): void {
    group.answers = [];
    for (let count = group.passed; count > 0; count--) {
      const request = group.first;
      if (request) this.#leaveGroup(request);
    }
  }

  /** No more echoes to what was sent before, in its lane, will come. */
  #passEchoes(lane: ReplyQueue, answered: AwaitedReply): void {
    let request = lane.first;
    for (; request && request.number < answered.number; request = lane.first) this.#passEcho(request);
  }

  #passEcho(request: AwaitedReply): void {
    this.#byKey.remove(request);
    // A refusal would have come before what shows that the echo will not.
    if (request.group === undefined || request.group.answers.length === 0) this.#finish(request, NO_ANSWER);
  }

  /** Each of the first requests of the group gets its reply. Returns the last of them. */
  #finishFirst(group: ReplyGroup, answers: readonly Answered[]): AwaitedReply | undefined {
    let last: AwaitedReply | undefined;
    for (const answer of answers) {
      const request = group.first;
      if (request === undefined) break;
      this.#finish(request, answer);
      last = request;
    }
    return last;
  }

  #finish(request: AwaitedReply, outcome: Outcome): void {
    const wasWaiting = request.state === 'waiting';
    if (request.state === 'overdue') this.#overdue--;
    this.#remove(request);
    if (!wasWaiting) return;
    this.#waiting--;
    request.settle(outcome);
  }

  /** A direct reply of the group cannot belong to this request. */
  #leaveGroup(request: AwaitedReply): void {
    this.#removeFromGroup(request);
    if (request.lane === 'direct' || !request.isNameable) this.#finish(request, NO_ANSWER);
  }

  #remove(request: AwaitedReply): void {
    this.#byKey.remove(request);
    this.#removeFromGroup(request);
    request.state = 'over';
  }

  #removeFromGroup(request: AwaitedReply): void {
    const { group } = request;
    if (group === undefined) return;
    group.remove(request);
    if (group.count === 0) this.#groups.delete(group.name);
  }

  #groupOf(name: string): ReplyGroup {
    const known = this.#groups.get(name);
    if (known) return known;
    const group = new ReplyGroup(name);
    this.#groups.set(name, group);
    return group;
  }

  #giveUp(request: AwaitedReply): void {
    request.state = 'overdue';
    this.#overdueQueue.add(request);
    this.#overdue++;
    this.#waiting--;
    this.#index();
    if (request.isRepeatable && request.key !== undefined) {
      this.#byKey.remove(request);
      this.#repeatable.set(request.key, request);
    }
    // It would keep the replies of the group from being attributed to later requests.
    if (request.group && request.passedAt !== undefined) this.#release(request.group);
    request.settle(NO_ANSWER);
    if (this.#overdue <= MAX_OVERDUE) return;
    const oldest = this.#overdueQueue.first;
    if (oldest) this.#finish(oldest, NO_ANSWER);
  }
}
