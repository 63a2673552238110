import type { AwaitedReply } from './awaitedReply.js';
import type { Answered } from './outcome.js';
import { ReplyQueue } from './replyQueue.js';

/** Requests that one reply can mean, and the replies of that kind that are not attributed yet. */
export class ReplyGroup {
  readonly name: string;
  readonly #requests = new ReplyQueue((request) => request.group !== undefined);
  /** Requests that a reply of the group can belong to. */
  count = 0;
  /** How many of the first requests can get no further reply of the group: theirs is in `answers`, or was dropped. */
  passed = 0;
  answers: Answered[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get first(): AwaitedReply | undefined {
    return this.#requests.first;
  }

  add(request: AwaitedReply): void {
    request.group = this;
    this.#requests.add(request);
    this.count++;
  }

  /** No reply of the group belongs to the request. */
  remove(request: AwaitedReply): void {
    request.group = undefined;
    this.count--;
    if (request.passedAt !== undefined) this.passed--;
  }

  /** Takes the replies that wait for their requests. */
  takeAnswers(): readonly Answered[] {
    const { answers } = this;
    this.answers = [];
    return answers;
  }
}
