import assert from 'node:assert/strict';
import { parseClientRequest, parseServerMessage } from '@quietroom/protocol';
import { FakeClock } from '@quietroom/testing';
import { AwaitedReply } from '#src/replies/awaitedReply.js';
import type { Outcome } from '#src/replies/outcome.js';
import { ReplyMatcher } from '#src/replies/replyMatcher.js';

export const TIMEOUT_MS = 10_000;
export const NAME = 'me';

/** A request that calls back with its outcome. */
export class TestRequest extends AwaitedReply {
  readonly #settled: (outcome: Outcome) => void;

  constructor(settled: (outcome: Outcome) => void) {
    super();
    this.#settled = settled;
  }

  override settle(outcome: Outcome): void {
    this.#settled(outcome);
  }
}

/** A client that notes the outcome of each request: `waiting`, the text of the answer, or why there is none. */
export class Client {
  readonly clock = new FakeClock();
  readonly outcomes: string[] = [];
  readonly pending: (AwaitedReply | undefined)[] = [];
  readonly answers: ReplyMatcher;

  constructor(ask: () => void = () => {}) {
    this.answers = new ReplyMatcher({
      clock: this.clock,
      timeoutMs: TIMEOUT_MS,
      username: NAME,
      ask,
      gaveUp: () => {},
    });
  }

  /** Returns the number of the request. */
  send(text: string): number {
    const number = this.expect(text);
    this.sent(number);
    return number;
  }

  expect(text: string): number {
    const number = this.outcomes.length;
    const request = new TestRequest((outcome) => {
      assert.equal(this.outcomes[number], 'waiting', 'told twice');
      this.outcomes[number] = outcome.type === 'answered' ? outcome.raw : outcome.reason;
    });
    const isExpected = this.answers.expect(request, parseClientRequest(text), text);
    this.outcomes.push(isExpected ? 'waiting' : 'nothing to wait for');
    this.pending.push(isExpected ? request : undefined);
    return number;
  }

  sent(number: number): void {
    const pending = this.pending[number];
    if (pending) this.answers.sent(pending);
  }

  withdraw(number: number): void {
    const pending = this.pending[number];
    if (pending) this.answers.withdraw(pending);
  }

  /** Returns the request that the answer was taken for. */
  receive(raw: string): AwaitedReply | undefined {
    return this.answers.take(parseServerMessage(raw), raw);
  }
}
