import type { ServerMessage } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';
import { QUESTION_KEY, type ReplyKeys, type ExpectedReply, type Lane } from './replyKeys.js';

/** What became of a request that has left. */
export type Outcome =
  | { readonly type: 'answered'; readonly message: ServerMessage; readonly raw: string }
  /** Nothing came in time, or what came shows that nothing will come, or the connection fell. */
  | { readonly type: 'unanswered'; readonly reason: 'no-answer' | 'connection-lost' };

/** Told what became of a request, once. */
export interface OutcomeTarget {
  settle(outcome: Outcome): void;
}

type Answered = Outcome & { type: 'answered' };

/** A request that waits for its answer. */
export interface Pending {
  /** The room that the request was for, if the caller wants to know it again. */
  readonly place: string | undefined;
}

class Entry implements Pending {
  readonly lane: Lane;
  readonly equals: Equals;
  /** Counts the requests. */
  readonly number: number;
  readonly target: OutcomeTarget;
  readonly place: string | undefined;
  /** The next one in the same words. */
  nextEqual: Entry | undefined = undefined;
  /** Undefined when no answer of a group can be to it, or not any more. */
  group: Group | undefined;
  /**
   * `overdue`: its caller has been told that nothing came in time. It stays where it is, so that an answer
   * that comes late is taken for its own and not for that of another request in the same words.
   */
  state: 'waiting' | 'overdue' | 'over' = 'waiting';
  readonly expectedAt: number;
  /** When TLS took it. */
  leftAt: number | undefined = undefined;
  /** When a direct answer to a later request came: since then none to this one can come. */
  passedAt: number | undefined = undefined;
  /** What came since shows that the echo of this request cannot come any more. */
  isEchoPassed = false;
  /** Asked twice, either answer is true of both. */
  readonly isRepeatable: boolean;

  constructor(
    lane: Lane,
    equals: Equals,
    group: Group | undefined,
    number: number,
    target: OutcomeTarget,
    place: string | undefined,
    now: number,
    isRepeatable: boolean,
  ) {
    this.isRepeatable = isRepeatable;
    this.lane = lane;
    this.equals = equals;
    this.group = group;
    this.number = number;
    this.target = target;
    this.place = place;
    this.expectedAt = now;
  }
}

/** Entries in the order of their requests; those that do not belong there any more are left out. */
class Queue {
  readonly #belongs: (entry: Entry) => boolean;
  #entries: (Entry | undefined)[] = [];
  #head = 0;

  constructor(belongs: (entry: Entry) => boolean) {
    this.#belongs = belongs;
  }

  get first(): Entry | undefined {
    this.#trim();
    return this.#entries[this.#head];
  }

  add(entry: Entry): void {
    this.#trim();
    this.#entries.push(entry);
  }

  #trim(): void {
    for (
      let entry = this.#entries[this.#head];
      entry && !this.#belongs(entry);
      entry = this.#entries[this.#head]
    ) {
      // What is held here any longer would be moved about by the garbage collector.
      this.#entries[this.#head] = undefined;
      this.#head++;
    }
    if (this.#head < 64 || this.#head * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

/** Requests in the same words, in order: an answer that names one of them can be to any. */
class Equals {
  readonly key: string;
  /** Those that an answer can still name. */
  count = 0;
  #first: Entry | undefined;
  #last: Entry | undefined;

  constructor(key: string) {
    this.key = key;
  }

  get first(): Entry | undefined {
    while (this.#first && !canBeNamed(this.#first)) this.#first = this.#first.nextEqual;
    return this.#first;
  }

  add(entry: Entry): void {
    if (this.first && this.#last) this.#last.nextEqual = entry;
    else this.#first = entry;
    this.#last = entry;
    this.count++;
  }
}

/** Requests that one answer can mean, and the answers of that kind that are not attributed yet. */
interface Group {
  readonly name: string;
  readonly entries: Queue;
  count: number;
  /** So many of the first of them can get no more such answers: one of these here, or none. */
  passed: number;
  answers: Answered[];
}

/** So many overdue requests are kept for late answers, at most. */
const MAX_OVERDUE = 10_000;

/** A server sends an echo at most this part of the time-out later than a direct answer. */
const ECHO_DELAY = 1 / 4;

const NO_ANSWER: Outcome = { type: 'unanswered', reason: 'no-answer' };
const CONNECTION_LOST: Outcome = { type: 'unanswered', reason: 'connection-lost' };

/**
 * Finds the request that an answer belongs to, on a protocol whose answers carry no number.
 *
 * Direct answers come in the order of requests, and so do the echoes of each other lane; but a server drops some
 * without a word when it is busy. So what counts is their text:
 *
 * - An answer that names one request belongs to the first that waits in these words, and passes those before it: they
 *   will not be answered any more. Where others wait in the same words, the first takes it, and what it passes is
 *   less certain.
 * - An answer that names less, such as `User 'bob' is not online.`, is kept by its group, and attributed when it is
 *   certain: when there are as many of them as requests that they can mean. Each that a group keeps belongs to one of
 *   the requests in it (up to the order of equal ones), so that they can never be too many.
 *
 * Each step costs the same however many requests wait.
 */
export class ReplyMatcher {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #ask: () => void;
  /** All requests that no direct answer has passed yet. */
  readonly #direct = new Queue((entry) => entry.state !== 'over' && entry.passedAt === undefined);
  readonly #echoed = { lobby: new Queue(canBeNamed), room: new Queue(canBeNamed) };
  /** Those whose echo has been passed by a direct answer. */
  readonly #late = new Queue(canBeNamed);
  readonly #waitingEntries = new Queue((entry) => entry.state === 'waiting');
  readonly #overdueEntries = new Queue((entry) => entry.state === 'overdue');
  readonly #byKey = new Map<string, Equals>();
  readonly #groups = new Map<string, Group>();
  #count = 0;
  #waiting = 0;
  #overdue = 0;
  #timer: unknown;
  #hasLookedTwice = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  /**
   * By key, the last request that can be repeated and whose answer may still come, though it is over: the next one
   * in the same words takes what comes, and what that shows of other requests is not certain.
   */
  readonly #repeatable = new Map<string, Entry>();

  /**
   * `ask` is called when a request has waited for half the time-out: it is to send a question that every
   * server answers, whose answer tells that what was dropped will not come.
   */
  constructor(clock: Clock, timeoutMs: number, ask: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#ask = ask;
  }

  /** How many callers have not been told anything yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A request is about to be sent. `target` is told once, unless the request is withdrawn. */
  expect(expectedReply: ExpectedReply, target: OutcomeTarget, place?: string): Pending {
    const { lane } = expectedReply;
    const equals = this.#equalsOf(expectedReply.key);
    const group = expectedReply.group === undefined ? undefined : this.#groupOf(expectedReply.group);
    const entry = new Entry(
      lane,
      equals,
      group,
      this.#count++,
      target,
      place,
      this.#clock.now(),
      expectedReply.isRepeatable ?? false,
    );
    equals.add(entry);
    if (group) {
      group.entries.add(entry);
      group.count++;
    }
    this.#direct.add(entry);
    if (lane !== 'direct') this.#echoed[lane].add(entry);
    this.#waitingEntries.add(entry);
    this.#waiting++;
    return entry;
  }

  /** TLS has taken the request: from now on its time counts. */
  left(pending: Pending): void {
    const entry = pending as Entry;
    entry.leftAt = this.#clock.now();
    if (entry.state === 'waiting' && this.#timer === undefined) this.#arm();
  }

  /** It did not leave after all: nobody is told of it. */
  withdraw(pending: Pending): void {
    const entry = pending as Entry;
    if (entry.state !== 'waiting') return;
    this.#remove(entry);
    this.#waiting--;
  }

  /** Takes an answer; returns a request that it can belong to, or undefined when it belongs to none. */
  take(keys: ReplyKeys, message: ServerMessage, raw: string): Pending | undefined {
    const answer: Answered = { type: 'answered', message, raw };
    return 'key' in keys ? this.#takeExact(keys.key, answer) : this.#takeGroup(keys.group, answer);
  }

  /** The connection is gone, and with it all answers. */
  end(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#repeatable.clear();
    for (let entry = this.#waitingEntries.first; entry; entry = this.#waitingEntries.first) {
      this.#finish(entry, CONNECTION_LOST);
    }
    for (let entry = this.#overdueEntries.first; entry; entry = this.#overdueEntries.first) {
      this.#finish(entry, CONNECTION_LOST);
    }
  }

  #takeExact(key: string, answer: Answered): Pending | undefined {
    const equals = this.#byKey.get(key);
    const entry = equals?.first;
    const late = this.#repeatable.get(key);
    if (equals === undefined || entry === undefined) return late && this.#takeLate(late, answer);
    const isOnly = equals.count === 1;
    const { group, lane } = entry;
    this.#finish(entry, answer);
    if (late) this.#repeatable.set(key, entry);
    else if (lane === 'direct') this.#passDirect(entry, isOnly);
    else this.#passEchoes(this.#echoed[lane], entry);
    if (group) this.#attribute(group, false);
    return entry;
  }

  /** Nobody waits for it; and as it may be to any of those that are over, it shows nothing of others. */
  #takeLate(late: Entry, answer: Answered): Pending {
    if (late.state === 'overdue') this.#finish(late, answer);
    return late;
  }

  #takeGroup(name: string, answer: Answered): Pending | undefined {
    const group = this.#groups.get(name);
    const first = group?.entries.first;
    if (group === undefined || first === undefined) return undefined;
    group.answers.push(answer);
    this.#attribute(group, true);
    return first;
  }

  /** With as many answers as requests it is certain which is whose; `isCertain` as in `#passDirect`. */
  #attribute(group: Group, isCertain: boolean): void {
    if (group.answers.length === 0 || group.answers.length !== group.count) return;
    const last = this.#finishFirst(group, group.answers.splice(0));
    if (last) this.#passDirect(last, isCertain);
  }

  /**
   * No direct answers to what was sent before will come any more. `isCertain`: the answers so far are all to what
   * was sent up to this request; otherwise some may be to what was sent later.
   */
  #passDirect(answered: Entry, isCertain: boolean): void {
    const lastOf = new Map<Group, Entry>();
    let entry = this.#direct.first;
    for (; entry && entry.number < answered.number; entry = this.#direct.first) {
      const { group, lane } = entry;
      const isRefused = group !== undefined && group.answers.length > 0;
      if (isRefused && !isCertain) break;
      if (isRefused) {
        group.passed++;
        lastOf.set(group, entry);
      } else {
        this.#leaveGroup(entry);
      }
      entry.passedAt = this.#clock.now();
      if (lane !== 'direct') this.#late.add(entry);
    }
    for (const [group, last] of lastOf) this.#settlePassed(group, last);
    this.#passLate(answered);
    for (const [key, late] of this.#repeatable)
      if (late.number < answered.number) this.#repeatable.delete(key);
  }

  /** An echo is late, but not as late as an answer to what was asked so long after it should have come. */
  #passLate(answered: Entry): void {
    const passedBefore = answered.expectedAt - this.#timeoutMs * ECHO_DELAY;
    for (let entry = this.#late.first; entry; entry = this.#late.first) {
      if (entry.passedAt === undefined || entry.passedAt > passedBefore) break;
      this.#passEcho(entry);
    }
  }

  /** All answers of the group so far are to those of it that are passed. */
  #settlePassed(group: Group, last: Entry): void {
    if (group.answers.length === group.passed) {
      this.#finishFirst(group, group.answers.splice(0));
    } else if (last.lane === 'direct' || last.state === 'overdue') {
      this.#release(group);
    }
    // Else echoes may still come, and tell more.
  }

  /** It will not be known which of the passed requests of the group its answers belong to. */
  #release(group: Group): void {
    group.answers = [];
    for (let count = group.passed; count > 0; count--) {
      const entry = group.entries.first;
      if (entry) this.#leaveGroup(entry);
    }
  }

  /** No echoes to what was sent before, in its lane, will come any more. */
  #passEchoes(lane: Queue, answered: Entry): void {
    let entry = lane.first;
    for (; entry && entry.number < answered.number; entry = lane.first) this.#passEcho(entry);
  }

  #passEcho(entry: Entry): void {
    entry.isEchoPassed = true;
    this.#leaveEquals(entry.equals);
    // A refusal would have come before what shows that the echo will not.
    if (entry.group === undefined || entry.group.answers.length === 0) this.#finish(entry, NO_ANSWER);
  }

  /** Each of the first requests of the group gets its answer. Returns the last of them. */
  #finishFirst(group: Group, answers: readonly Answered[]): Entry | undefined {
    let last: Entry | undefined;
    for (const answer of answers) {
      const entry = group.entries.first;
      if (entry === undefined) break;
      this.#finish(entry, answer);
      last = entry;
    }
    return last;
  }

  #finish(entry: Entry, outcome: Outcome): void {
    const wasWaiting = entry.state === 'waiting';
    if (entry.state === 'overdue') this.#overdue--;
    this.#remove(entry);
    if (!wasWaiting) return;
    this.#waiting--;
    entry.target.settle(outcome);
  }

  /** A direct answer of the group cannot be to this request. */
  #leaveGroup(entry: Entry): void {
    this.#removeFromGroup(entry);
    if (entry.lane === 'direct' || entry.isEchoPassed) this.#finish(entry, NO_ANSWER);
  }

  #remove(entry: Entry): void {
    if (canBeNamed(entry)) this.#leaveEquals(entry.equals);
    this.#removeFromGroup(entry);
    entry.state = 'over';
  }

  #leaveEquals(equals: Equals): void {
    equals.count--;
    if (equals.count === 0) this.#byKey.delete(equals.key);
  }

  #removeFromGroup(entry: Entry): void {
    const { group } = entry;
    if (group === undefined) return;
    entry.group = undefined;
    group.count--;
    if (entry.passedAt !== undefined) group.passed--;
    if (group.count === 0) this.#groups.delete(group.name);
  }

  #equalsOf(key: string): Equals {
    const known = this.#byKey.get(key);
    if (known) return known;
    const equals = new Equals(key);
    this.#byKey.set(key, equals);
    return equals;
  }

  #groupOf(name: string): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const entries = new Queue((entry) => entry.group !== undefined);
    const group: Group = { name, entries, count: 0, passed: 0, answers: [] };
    this.#groups.set(name, group);
    return group;
  }

  /** Waits for when something is to be done about the first that waits: ask, or give it up. */
  #arm(): void {
    const entry = this.#waitingEntries.first;
    if (entry?.leftAt === undefined) return;
    const now = this.#clock.now();
    const halfAt = entry.leftAt + this.#timeoutMs / 2;
    // At half time it is looked at also when it is not to be asked about: what comes after it may have to be.
    const dueAt = halfAt > now || this.#isToBeAsked(entry) ? halfAt : entry.leftAt + this.#timeoutMs;
    this.#timer = this.#clock.setTimeout(() => this.#onTimer(), Math.max(0, dueAt - now));
  }

  /** A question after a question would tell nothing more. */
  #isToBeAsked({ leftAt, equals }: Entry): boolean {
    return leftAt !== undefined && leftAt > this.#askedAt && equals.key !== QUESTION_KEY;
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    const isDue = ({ leftAt }: Entry, ms: number): boolean => leftAt !== undefined && leftAt + ms <= now;
    let isToBeAsked = false;
    let entry = this.#waitingEntries.first;
    // A process that was busy or asleep for all the time takes in what has come before it gives up.
    if (entry && isDue(entry, this.#timeoutMs) && !this.#hasLookedTwice) {
      this.#hasLookedTwice = true;
      this.#timer = this.#clock.setTimeout(() => this.#onTimer(), 0);
      return;
    }
    this.#hasLookedTwice = false;
    while (entry && isDue(entry, this.#timeoutMs)) {
      this.#giveUp(entry);
      // The second answer tells that its echo is not only late.
      isToBeAsked ||= entry.lane !== 'direct' && this.#askedAt + this.#timeoutMs * ECHO_DELAY <= now;
      entry = this.#waitingEntries.first;
    }
    if (entry && isDue(entry, this.#timeoutMs / 2)) isToBeAsked ||= this.#isToBeAsked(entry);
    if (isToBeAsked) {
      this.#askedAt = now;
      this.#ask();
    }
    // What was told may have sent something, and so have armed it.
    if (this.#timer === undefined) this.#arm();
  }

  #giveUp(entry: Entry): void {
    entry.state = 'overdue';
    this.#overdueEntries.add(entry);
    this.#overdue++;
    this.#waiting--;
    if (entry.isRepeatable) {
      entry.isEchoPassed = true;
      this.#leaveEquals(entry.equals);
      this.#repeatable.set(entry.equals.key, entry);
    }
    // It would keep the answers of the group from being attributed to later requests.
    if (entry.group && entry.passedAt !== undefined) this.#release(entry.group);
    entry.target.settle(NO_ANSWER);
    if (this.#overdue <= MAX_OVERDUE) return;
    const oldest = this.#overdueEntries.first;
    if (oldest) this.#finish(oldest, NO_ANSWER);
  }
}

/** True while an answer that names it can come. */
function canBeNamed(entry: Entry): boolean {
  return entry.state !== 'over' && !entry.isEchoPassed;
}
