import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { Conversation } from '#src/bot/llm/conversation.js';
import { ModelQueue, ordinal } from '#src/bot/llm/modelQueue.js';
import { Quota } from '#src/bot/llm/quota.js';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

suite('the conversation with a model', () => {
  test('keeps the newest messages, beginning with a question', () => {
    const conversation = new Conversation(3);
    for (const n of [1, 2, 3]) conversation.add(`q${n}`, `a${n}`);
    const texts = conversation
      .messagesFor('be brief', 'q4', 1000)
      .map(({ role, content }) => `${role} ${content}`);
    assert.deepEqual(texts, ['system be brief', 'user q3', 'assistant a3', 'user q4']);
  });

  test('leaves out the oldest messages that the budget does not cover, never prompt and question', () => {
    const conversation = new Conversation(20);
    conversation.add('old '.repeat(30), 'old answer');
    conversation.add('new', 'new answer');
    const texts = (tokens: number): string[] =>
      conversation.messagesFor('prompt', 'now', tokens).map(({ content }) => content);
    assert.equal(texts(1000).length, 6);
    assert.deepEqual(texts(50), ['prompt', 'new', 'new answer', 'now']);
    assert.deepEqual(texts(1), ['prompt', 'now']);
  });
});

suite('the queue for the model', () => {
  test('tells places, goes in order, and forgets who gives up', async () => {
    const queue = new ModelQueue(1, 10);
    const signal = new AbortController().signal;
    const places: number[] = [];
    const order: string[] = [];
    const gone = new AbortController();
    const end = await queue.enter(signal, () => assert.fail('the first waits'));
    const lost = queue.enter(gone.signal, (place) => places.push(place));
    const second = queue
      .enter(signal, (place) => places.push(place))
      .then((endTurn) => (order.push('second'), endTurn));
    const third = queue
      .enter(signal, (place) => places.push(place))
      .then((endTurn) => (order.push('third'), endTurn));
    gone.abort(new Error('gone'));
    await assert.rejects(lost, /gone/);
    end();
    end();
    (await second)();
    (await third)();
    assert.deepEqual([places, order, queue.running], [[1, 2, 3], ['second', 'third'], 0]);
  });

  test('places are words, then numbers', () => {
    assert.deepEqual([1, 3, 10, 11, 21, 22, 23, 112].map(ordinal), [
      'first',
      'third',
      'tenth',
      '11th',
      '21st',
      '22nd',
      '23rd',
      '112th',
    ]);
  });
});

test('a quota counts each name, and begins anew after its period', () => {
  const quota = new Quota(2, 1000);
  assert.deepEqual(
    [quota.take('a', 0), quota.take('a', 900), quota.take('a', 999), quota.take('b', 999)],
    [true, true, false, true],
  );
  assert.deepEqual(
    [quota.take('a', 1000), quota.take('b', 1000), quota.take('b', 1001)],
    [true, true, false],
  );
});

suite('quietroom bot llm', () => {
  test('--init writes settings that are valid as they are, once', async () => {
    await using folder = await Folder.make();
    const options = { cwd: folder.path };
    const first = await runHere(['bot', 'llm', '--init'], options);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const again = await runHere(['bot', 'llm', '--init'], options);
    assert.deepEqual(again, {
      code: 2,
      stdout: '',
      stderr: 'quietroom: llm.toml exists already. Give another name with --settings.\n',
    });
    // It comes as far as the certificate, which is missing.
    assert.match(
      (await runHere(['bot', 'llm'], options)).stderr,
      /certificate file "chat_public\.pem" does not exist/,
    );
  });

  const wrong: readonly [toml: string, stderr: RegExp][] = [
    ['backend = "ollama"\n', /llm\.toml: model: /],
    ['backend = "ollama"\nmodel = "m"\nmodell = "x"\n', /llm\.toml: modell: there is no such setting\./],
    ['backend = "bard"\nmodel = "m"\n', /llm\.toml: backend: /],
    ['backend = "ollama"\nmodel = "m"\nretries = -1\n', /llm\.toml: retries: /],
    [
      'backend = "ollama"\nmodel = "m"\nrooms = ["general"]\n',
      /llm\.toml: rooms\.0: must be a name such as #general\./,
    ],
    [
      'backend = "ollama"\nmodel = "m"\napi_key_env = "SURELY_NOT_SET"\n',
      /api_key_env: the variable SURELY_NOT_SET is not set\./,
    ],
    [
      'backend = "ollama"\nmodel = "m"\napi_key_file = "nowhere"\n',
      /api_key_file: nowhere cannot be read \(ENOENT\)\./,
    ],
    ['backend = "ollama"\nkey = "sk-secret\n', /^quietroom: llm\.toml, line \d: this is not valid TOML\.\n$/],
  ];
  for (const [toml, stderr] of wrong) {
    test(`rejects ${JSON.stringify(toml)}`, async () => {
      await using folder = await Folder.make();
      await folder.write('llm.toml', toml);
      const outcome = await runHere(['bot', 'llm'], { cwd: folder.path });
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, stderr);
    });
  }

  test('says how to begin when there are no settings', async () => {
    await using folder = await Folder.make();
    const { code, stderr } = await runHere(['bot', 'llm'], { cwd: folder.path });
    assert.equal(code, 2);
    assert.match(stderr, /There is no llm\.toml\. "quietroom bot llm --init" writes one/);
  });
});
