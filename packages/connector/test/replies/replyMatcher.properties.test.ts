import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { propertyRuns } from '@quietroom/testing';
import { Client, TIMEOUT_MS } from './replyMatcherClient.js';

/** A server, as PROTOCOL.md 5 describes it, of which a client hears through a slow network; a model of its own. */
class Server {
  /** What has become of each request: the text of its answer, as it was meant to be told. */
  readonly truth: string[] = [];
  /** On its way to the client. */
  readonly network: string[] = [];
  /** Echoes that other threads of the server have still to send, for each lane. */
  readonly late: Record<'lobby' | 'room', string[]> = { lobby: [], room: [] };
  #isBobOnline = true;
  #isMember = false;
  readonly #isDropped: () => boolean;

  constructor(isDropped: () => boolean) {
    this.#isDropped = isDropped;
  }

  toggleBob(): void {
    this.#isBobOnline = !this.#isBobOnline;
  }

  handle(text: string): void {
    const [answer, queue] = this.#answerTo(text);
    this.truth.push(answer);
    if (!this.#isDropped()) queue.push(answer);
  }

  #answerTo(text: string): [answer: string, queue: string[]] {
    const { network, late } = this;
    const [command = '', to = '', message = ''] = text.split(' ');
    switch (command) {
      case '/msg':
        if (to === 'bob' && !this.#isBobOnline) return ["User 'bob' is not online.", network];
        return [`[DM to ${to}]: ${message}`, network];
      case '/join':
        this.#isMember = true;
        return [`Joined room ${to}`, network];
      case '/leave': {
        const wasMember = this.#isMember;
        this.#isMember = false;
        return [wasMember ? `Left room ${to} - returned to lobby` : `You are not in room ${to}`, network];
      }
      case '/users':
        return ['Online Users (1):\n  me', network];
      case '/members':
        return ['Usage: /members <#roomname|lobby>', network];
      case '[#a]':
        if (!this.#isMember) return ['*** You are not a member of #a ***', network];
        return [`[12:00:00] [#a] me: ${to}`, late.room];
      default:
        return [`[12:00:00] me: ${text}`, late.lobby];
    }
  }
}

const REQUESTS = [
  '/msg bob a',
  '/msg bob b',
  '/msg bob c',
  '/msg al a',
  '[#a] x',
  '[#a] y',
  '[#a] z',
  '/join #a',
  '/leave #a',
  '/users',
  'p',
  'q',
];

type Step =
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'deliver'; readonly count: number }
  | { readonly type: 'echo'; readonly lane: 'lobby' | 'room' }
  | { readonly type: 'toggle' }
  | { readonly type: 'wait'; readonly ms: number };

const timeless: fc.Arbitrary<Step>[] = [
  fc.record({ type: fc.constant('send' as const), text: fc.constantFrom(...REQUESTS) }),
  fc.record({ type: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ type: fc.constant('echo' as const), lane: fc.constantFrom('lobby' as const, 'room' as const) }),
  fc.constant({ type: 'toggle' as const }),
];
const wait = fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 100, max: 7000 }) });

const weights = [6, 3, 2, 1];
const weighted = timeless.map((arbitrary, index) => ({ arbitrary, weight: weights[index] ?? 1 }));
const steps = fc.array(fc.oneof(...weighted), { maxLength: 60, size: 'max' });
const stepsInTime = fc.array(fc.oneof(...weighted, { arbitrary: wait, weight: 1 }), {
  maxLength: 60,
  size: 'max',
});

/** Lets client and server talk; `drops` says of each answer in turn whether it is lost. */
function talk(
  script: readonly Step[],
  drops: readonly boolean[],
): { client: Client; server: Server; sent: string[] } {
  let answered = 0;
  const sent: string[] = [];
  const server = new Server(() => drops[answered++] ?? false);
  const send = (text: string): void => {
    sent.push(text);
    client.send(text);
    server.handle(text);
  };
  const client: Client = new Client(() => send('/members'));
  const echo = (lane: 'lobby' | 'room'): void => {
    const raw = server.late[lane].shift();
    if (raw !== undefined) server.network.push(raw);
  };
  const echoAll = (): void => {
    for (const lane of ['lobby', 'room'] as const) while (server.late[lane].length > 0) echo(lane);
  };
  const deliver = (count: number): void => {
    for (const raw of server.network.splice(0, count)) client.receive(raw);
  };
  for (const step of script) {
    if (step.type === 'send') send(step.text);
    else if (step.type === 'deliver') deliver(step.count);
    else if (step.type === 'echo') echo(step.lane);
    else if (step.type === 'toggle') server.toggleBob();
    else {
      // A server's threads are late, but not by seconds; a network can be.
      echoAll();
      client.clock.advance(step.ms);
    }
  }
  echoAll();
  deliver(Number.POSITIVE_INFINITY);
  return { client, server, sent };
}

/** How often each answer was given to each request text. */
function tally(sent: readonly string[], answers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [index, text] of sent.entries()) {
    const pair = `${text} -> ${answers[index]}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

test('whatever a server drops, no more requests are told an answer than got it', () => {
  fc.assert(
    fc.property(stepsInTime, fc.array(fc.boolean(), { maxLength: 60 }), (script, drops) => {
      const { client, server, sent } = talk(script, drops);
      client.clock.advance(2 * TIMEOUT_MS);
      const truth = tally(sent, server.truth);
      for (const [pair, count] of tally(sent, client.outcomes)) {
        if (!pair.endsWith('-> no-answer')) assert.ok(count <= (truth.get(pair) ?? 0), pair);
      }
    }),
    { numRuns: propertyRuns(3000) },
  );
});

test('when a server drops nothing, all requests are told the truth, equal ones in any order', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const { client, server, sent } = talk(script, []);
      assert.deepEqual(tally(sent, client.outcomes), tally(sent, server.truth));
      assert.equal(client.answers.waiting, 0);
    }),
    { numRuns: propertyRuns(3000) },
  );
});

test('every request is told something in the end, whatever was dropped', () => {
  fc.assert(
    fc.property(stepsInTime, fc.array(fc.boolean(), { maxLength: 60 }), (script, drops) => {
      const { client } = talk(script, drops);
      client.clock.advance(2 * TIMEOUT_MS);
      assert.ok(!client.outcomes.includes('waiting'));
      assert.equal(client.answers.waiting, 0);
      assert.equal(client.clock.pending, 0);
    }),
    { numRuns: propertyRuns(500) },
  );
});
