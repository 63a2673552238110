import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FakeClock, TestChat, type TestUser } from '@quietroom/bot/testing';
import { firstIdentity } from '@quietroom/testing';
import { makeLlmBot } from '#src/bot/llm/llmBot.js';
import { LLM_CONFIG } from '#src/bot/llm/llmConfig.js';
import { ModelClient } from '#src/bot/llm/modelClient.js';
import { eventually } from '../harness/quietroom.js';
import { answerWith, ModelStub } from './modelStub.js';

const SENDERS = 200;
const QUESTIONS = 2;
const AT_ONCE = 50;

/** More than the heap of this test differs between two rounds without a leak. */
const NOISE_BYTES = 1_500_000;

/** A stub whose answers take two seconds of a clock, and that counts those at once. */
class SlowStub {
  readonly clock = new FakeClock();
  running = 0;
  most = 0;

  static async start(): Promise<{ slow: SlowStub; stub: ModelStub }> {
    const slow = new SlowStub();
    const stub = await ModelStub.start((response, { messages }) => {
      slow.running++;
      slow.most = Math.max(slow.most, slow.running);
      slow.clock.setTimeout(() => {
        slow.running--;
        answerWith(response, 'You asked: ', messages.at(-1)?.content ?? '');
      }, 2000);
    });
    return { slow, stub };
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  // The flag adds this function to new contexts.
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function answersOf({ heard }: TestUser): string[] {
  return heard.map(({ text }) => text).filter((text) => text.startsWith('You asked: '));
}

test('200 senders and a model that takes two seconds: in order, 50 at once, and no memory is kept', async (t) => {
  const { slow, stub } = await SlowStub.start();
  t.after(() => stub[Symbol.asyncDispose]());
  const chat = await TestChat.start({ identity: firstIdentity, maxConnectionsPerAddress: 1000 });
  t.after(() => chat.close());
  const config = LLM_CONFIG.parse({
    backend: 'ollama',
    base_url: stub.url,
    model: 'm',
    max_concurrent: AT_ONCE,
    max_waiting: SENDERS - AT_ONCE,
    history_messages: 2,
  });
  await chat.add(makeLlmBot(chat.config('Assistant'), config, new ModelClient(config, undefined), () => {}));
  const users = await Promise.all(Array.from({ length: SENDERS }, (_, index) => chat.join(`user${index}`)));

  const heaps: number[] = [];
  for (let round = 0; round < 4; round++) {
    const questions = Array.from({ length: QUESTIONS }, (_, index) => `round ${round}, question ${index}`);
    const asked = users.flatMap((user) => questions.map((question) => user.dm('Assistant', question)));
    await Promise.all(asked);
    const answered = (): number => users.reduce((sum, user) => sum + answersOf(user).length, 0);
    const total = SENDERS * QUESTIONS;
    await eventually(`round ${round} is answered`, async () => {
      // Time passes when all that may run at once are running.
      if (slow.running === Math.min(AT_ONCE, total - answered())) await slow.clock.advance(2);
      return answered() === total;
    });
    for (const user of users) {
      assert.deepEqual(
        answersOf(user),
        questions.map((question) => `You asked: ${question}`),
      );
      user.heard.length = 0;
    }
    stub.requests.length = 0;
    heaps.push(heapBytes());
  }
  assert.equal(slow.most, AT_ONCE);
  t.diagnostic(`heap after each round: ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(', ')} MB`);
  const second = heaps[1] ?? 0;
  const last = heaps.at(-1) ?? Infinity;
  assert.ok(last < second + NOISE_BYTES, `${second} bytes, then ${last}`);
});
