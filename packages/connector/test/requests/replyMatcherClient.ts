import assert from 'node:assert/strict';
import { parseClientRequest, parseServerMessage } from '@quietroom/protocol';
import { FakeClock } from '@quietroom/testing';
import { ReplyMatcher, type Outcome, type Pending } from '#src/requests/replyMatcher.js';
import { replyKeysOf, expectedReplyOf } from '#src/requests/replyKeys.js';

export const TIMEOUT_MS = 10_000;
export const NAME = 'me';

/** A client that notes what it is told of each request: `waiting`, the text of the answer, or why there is none. */
export class Client {
  readonly clock = new FakeClock();
  readonly outcomes: string[] = [];
  readonly pending: (Pending | undefined)[] = [];
  readonly answers: ReplyMatcher;

  constructor(ask: () => void = () => {}) {
    this.answers = new ReplyMatcher(this.clock, TIMEOUT_MS, ask);
  }

  /** Returns the number of the request. */
  send(text: string): number {
    const number = this.expect(text);
    this.left(number);
    return number;
  }

  expect(text: string): number {
    const number = this.outcomes.length;
    const expectedReply = expectedReplyOf(parseClientRequest(text));
    this.outcomes.push(expectedReply ? 'waiting' : 'nothing to wait for');
    const settle = (outcome: Outcome): void => {
      assert.equal(this.outcomes[number], 'waiting', 'told twice');
      this.outcomes[number] = outcome.type === 'answered' ? outcome.raw : outcome.reason;
    };
    this.pending.push(expectedReply && this.answers.expect(expectedReply, { settle }, text));
    return number;
  }

  left(number: number): void {
    const pending = this.pending[number];
    if (pending) this.answers.left(pending);
  }

  withdraw(number: number): void {
    const pending = this.pending[number];
    if (pending) this.answers.withdraw(pending);
  }

  /** Returns what the answer was taken for. */
  receive(raw: string): Pending | undefined {
    const message = parseServerMessage(raw);
    const keys = replyKeysOf(message, NAME);
    return keys && this.answers.take(keys, message, raw);
  }
}
