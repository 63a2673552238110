import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { TestChat, type TestUser } from '@quietroom/bot/testing';
import type { ServerOptions } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { makeLlmBot } from '#src/bot/llm/llmBot.js';
import { LLM_CONFIG } from '#src/bot/llm/llmConfig.js';
import { ModelClient } from '#src/bot/llm/modelClient.js';
import { eventually } from '../harness/quietroom.js';
import { answerWith, begin, DONE, ModelStub, piece } from './modelStub.js';

const KEY = 'sk-very-secret';

interface Scene {
  readonly chat: TestChat;
  readonly stub: ModelStub;
  readonly log: string[];
}

/** The bot `Assistant` on a server of its own, with a stub as its model. */
async function sceneOf(t: TestContext, settings: object = {}, server: ServerOptions = {}): Promise<Scene> {
  const stub = await ModelStub.start();
  t.after(() => stub[Symbol.asyncDispose]());
  const chat = await TestChat.start({ identity: firstIdentity, ...server });
  t.after(() => chat.close());
  const log: string[] = [];
  const config = LLM_CONFIG.parse({
    backend: 'ollama',
    base_url: stub.url,
    model: 'small',
    retries: 0,
    ...settings,
  });
  const bot = makeLlmBot(chat.config('Assistant'), config, new ModelClient(config, KEY), (line) =>
    log.push(line),
  );
  bot.catch((error) => log.push(String(error)));
  await chat.add(bot);
  return { chat, stub, log };
}

test('a conversation goes on, is forgotten by !reset, and ends when the name leaves', async (t) => {
  const { chat, stub, log } = await sceneOf(t, { system_prompt: 'be kind' });
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Assistant', 'one?'), 'You asked: one?');
  assert.equal(await alice.ask('Assistant', 'two?'), 'You asked: two?');
  const contents = (): string[] => stub.requests.at(-1)?.messages.map(({ content }) => content) ?? [];
  assert.deepEqual(contents(), ['be kind', 'one?', 'You asked: one?', 'two?']);
  assert.equal(stub.requests[0]?.headers.authorization, `Bearer ${KEY}`);
  assert.match(await alice.ask('Assistant', '!reset'), /forgotten/);
  await alice.ask('Assistant', 'three?');
  assert.deepEqual(contents(), ['be kind', 'three?']);
  await alice.leave();
  const other = await chat.join('alice');
  await other.ask('Assistant', 'four?');
  assert.deepEqual(contents(), ['be kind', 'four?']);
  await eventually('all answers are logged', () => log.length === 4);
  assert.ok(log.every((line) => line === 'alice: answered'));
});

test('in rooms it answers what names it, and keeps private conversations out', async (t) => {
  const { chat, stub } = await sceneOf(t, { rooms: ['#general'], models: ['large'] });
  const alice = await chat.join('alice', '#general');
  await alice.ask('Assistant', 'my secret');
  await alice.say('#general', 'nobody asked');
  await alice.say('#general', 'Assistant: what is TLS?');
  assert.deepEqual(await alice.hears(/TLS/), {
    from: 'Assistant',
    place: '#general',
    text: 'You asked: what is TLS?',
  });
  assert.equal(stub.requests.length, 2);
  assert.ok(stub.requests[1]?.messages.every(({ content }) => !content.includes('secret')));
  assert.match(
    await alice.ask('Assistant', '!model huge'),
    /There is no model huge. There are: small, large\./,
  );
  await alice.ask('Assistant', '!model large');
  await alice.ask('Assistant', 'hello');
  assert.equal(stub.requests.at(-1)?.model, 'large');
});

test('an answer is sent as it grows; !stop ends it, and the request', async (t) => {
  const { chat, stub } = await sceneOf(t);
  let isClosed = false;
  stub.answer = (response) => {
    begin(response);
    response.write(piece('This comes at once. This'));
    response.on('close', () => (isClosed = true));
  };
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Assistant', 'go'), 'This comes at once.');
  assert.equal(await alice.ask('Assistant', '!stop'), 'Stopped.');
  await eventually('the request is closed', () => isClosed);
  assert.equal(await alice.ask('Assistant', '!stop'), 'There is nothing to stop.');
  stub.answer = (response) => answerWith(response, 'Next.');
  assert.equal(await alice.ask('Assistant', 'again'), 'Next.');
  assert.equal(stub.requests[1]?.messages.at(-2)?.content, 'This comes at once. This');
});

test('those who wait are told their place, and beyond the limits nobody waits', async (t) => {
  const { chat, stub } = await sceneOf(t, { max_concurrent: 1, max_waiting: 3, quota_messages: 2 });
  const answers: (() => void)[] = [];
  stub.answer = (response) => void answers.push(() => answerWith(response, 'Done.'));
  const users = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => chat.join(name)));
  const [a, b, c, d, e] = users as [TestUser, TestUser, TestUser, TestUser, TestUser];
  await a.dm('Assistant', 'x');
  await eventually('the first runs', () => answers.length === 1);
  assert.equal(await b.ask('Assistant', 'x'), 'You are first in the queue.');
  assert.equal(await c.ask('Assistant', 'x'), 'You are second in the queue.');
  assert.equal(await d.ask('Assistant', 'x'), 'You are third in the queue.');
  assert.match(await e.ask('Assistant', 'x'), /Too many people are waiting/);
  assert.equal(await c.ask('Assistant', '!stop'), 'Stopped.');
  for (const user of [a, b, d]) {
    answers.shift()?.();
    await user.hears(/^Done\.$/);
    await eventually('the next runs', () => answers.length === (user === d ? 0 : 1));
  }
  stub.answer = (response) => answerWith(response, 'Done.');
  await a.ask('Assistant', 'x');
  assert.match(await a.ask('Assistant', 'x'), /used up your messages/);
});

const failures: readonly [name: string, answer: ModelStub['answer'], reply: RegExp][] = [
  [
    'a refused key',
    (response) => response.writeHead(401).end(`{"error":{"message":"bad key ${KEY}"}}`),
    /operator has to check the key/,
  ],
  ['a missing model', (response) => response.writeHead(404).end('{}'), /no such model/],
  ['an overload that does not end', (response) => response.writeHead(429).end(), /overloaded/],
  [
    'a failure of the server',
    (response) => response.writeHead(500).end('stack trace at /srv/model.py'),
    /has a problem/,
  ],
  ['a connection that breaks', (response) => response.destroy(), /cannot be reached/],
  [
    'a stream that breaks',
    (response) => (begin(response), response.write(piece('Half')), setTimeout(() => response.destroy(), 20)),
    /cannot be read|cannot be reached/,
  ],
  ['a stream that ends early', (response) => (begin(response), response.end(piece('Half'))), /broke off/],
  [
    'events that are no JSON',
    (response) => (begin(response), response.end('data: {oh no\n\n')),
    /cannot be read/,
  ],
  ['an empty answer', (response) => (begin(response), response.end(DONE)), /empty answer/],
  ['an answer that does not come', () => {}, /did not answer in time/],
  [
    'a stream that hangs',
    (response) => (begin(response), response.write(piece('Half'))),
    /did not answer in time/,
  ],
];
for (const [name, answer, reply] of failures) {
  test(`${name}: a sentence for the person, without address, key and details`, async (t) => {
    const { chat, stub, log } = await sceneOf(t, { timeout: 0.5 });
    stub.answer = answer;
    const alice = await chat.join('alice');
    await alice.dm('Assistant', 'private question');
    const { text } = await alice.hears(reply);
    for (const secret of [KEY, '127.0.0.1', '/srv', 'private']) {
      assert.ok(
        !text.includes(secret) && !log.join().includes(secret),
        `${secret} in ${text} or ${log.join()}`,
      );
    }
    assert.equal(log.length, 1);
  });
}

test('an endless answer is cut at its limit, and its request ends', async (t) => {
  const { chat, stub } = await sceneOf(t, { max_reply_characters: 40 });
  let isClosed = false;
  stub.answer = (response) => {
    begin(response);
    const timer = setInterval(() => response.write(piece('More and more. ')), 1);
    response.on('close', () => {
      clearInterval(timer);
      isClosed = true;
    });
  };
  const alice = await chat.join('alice');
  await alice.dm('Assistant', 'go');
  await alice.hears(/This answer was too long/);
  await eventually('the request is closed', () => isClosed);
  const said = alice.heard.map(({ text }) => text).join(' ');
  assert.equal(said.replace(/ … .*/, '').length, 40);
});

test('an overload is tried again', async (t) => {
  const { chat, stub } = await sceneOf(t, { retries: 2 });
  const statuses = [429, 503];
  stub.answer = (response) => {
    const status = statuses.shift();
    if (status === undefined) answerWith(response, 'At last.');
    else response.writeHead(status, { 'retry-after-ms': '5' }).end();
  };
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('Assistant', 'go'), 'At last.');
  assert.equal(stub.requests.length, 3);
});

test('on a 1.1 server it answers as on a 1.2 server', async (t) => {
  const { chat } = await sceneOf(t, { rooms: ['#general'] }, { protocolVersion: '1.1' });
  const alice = await chat.join('alice', '#general');
  assert.equal(await alice.ask('Assistant', 'one?'), 'You asked: one?');
  await alice.say('#general', 'Assistant, two?');
  assert.deepEqual((await alice.hears(/two/)).place, '#general');
});

const answersTo = ({ heard }: TestUser): string[] =>
  heard.map(({ text }) => text).filter((text) => text.startsWith('Answer'));

test('200 people at once: each in order, and no more requests than allowed', async (t) => {
  const settings = { max_concurrent: 20, max_waiting: 200 };
  const { chat, stub } = await sceneOf(t, settings, { maxConnectionsPerAddress: 1000 });
  let open = 0;
  let most = 0;
  stub.answer = async (response, { messages }) => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 50));
    open--;
    answerWith(response, `Answer ${messages.at(-1)?.content}`);
  };
  const users = await Promise.all(Array.from({ length: 200 }, (_, index) => chat.join(`user${index}`)));
  await Promise.all(users.flatMap((user) => [1, 2, 3].map((n) => user.dm('Assistant', `${user.name}-${n}`))));
  await eventually('all are answered', () => users.every((user) => answersTo(user).length === 3));
  for (const user of users) {
    assert.deepEqual(
      answersTo(user),
      [1, 2, 3].map((n) => `Answer ${user.name}-${n}`),
    );
  }
  assert.equal(stub.requests.length, 600);
  assert.equal(most, 20);
});
