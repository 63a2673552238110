import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import type { Placed } from '#src/requests/requestTracker.js';
import { Dispatcher, type CallbackKind } from '#src/events/dispatcher.js';
import { messageEvent } from '#src/events/events.js';

const KINDS: readonly CallbackKind[] = ['dm', 'room', 'lobby', 'presence', 'system', 'message'];

/** A dispatcher that notes each call: the kind, and the arguments but the event. */
function noted(deliversOwn: boolean): { dispatcher: Dispatcher; calls: unknown[][] } {
  const dispatcher = new Dispatcher({}, deliversOwn);
  const calls: unknown[][] = [];
  for (const kind of KINDS) {
    dispatcher.add(
      kind,
      (...args) => void calls.push([kind, ...args.filter((arg) => typeof arg === 'string')]),
    );
  }
  return { dispatcher, calls };
}

interface Row {
  readonly raw: string;
  readonly isAnswer?: true;
  readonly call?: readonly string[];
  /** With `ownMessages` only. */
  readonly ownCall?: readonly string[];
}

const ROWS: readonly Row[] = [
  { raw: '[DM from bob]: hi', call: ['dm', 'bob', 'hi'] },
  { raw: '[DM from me]: hi', call: ['dm', 'me', 'hi'] },
  { raw: '[12:00:00] [#a] bob: hi', call: ['room', '#a', 'bob', 'hi'] },
  { raw: '[12:00:00] [#a] me: hi', ownCall: ['room', '#a', 'me', 'hi'] },
  { raw: '[12:00:00] bob: hi', call: ['lobby', 'bob', 'hi'] },
  { raw: '[12:00:00] me: hi', ownCall: ['lobby', 'me', 'hi'] },
  { raw: '*** bob joined the chat ***', call: ['presence', 'bob', 'joined'] },
  { raw: '*** bob left #a ***', call: ['presence', 'bob', 'left'] },
  { raw: '*** me joined #a ***', ownCall: ['presence', 'me', 'joined'] },
  { raw: 'notice', call: ['system', 'notice'] },
  { raw: "User 'bob' is not online.", call: ['system', "User 'bob' is not online."] },
  { raw: "User 'bob' is not online.", isAnswer: true },
];

for (const { raw, isAnswer = false, call, ownCall = call } of ROWS) {
  test(`${raw}${isAnswer ? ', an answer,' : ''} is heard by onMessage first, then by ${call?.[0] ?? 'nobody'}`, () => {
    const room = /\[(#.*?)\]/.exec(raw)?.[1];
    const placed: Placed = { isAnswer, place: { room } };
    const event = messageEvent(raw, parseServerMessage(raw), placed, 'me');
    for (const [deliversOwn, specific] of [
      [false, call],
      [true, ownCall],
    ] as const) {
      const { dispatcher, calls } = noted(deliversOwn);
      dispatcher.deliver(event);
      assert.deepEqual(calls, specific ? [['message', raw], specific] : [['message', raw]]);
    }
  });
}

test('each callback gets the event as its last argument', () => {
  const event = messageEvent(
    '[DM from bob]: hi',
    parseServerMessage('[DM from bob]: hi'),
    { isAnswer: false, place: 'unknown' },
    'me',
  );
  const dispatcher = new Dispatcher({}, false);
  const events: unknown[] = [];
  dispatcher.add('message', (_text, last) => events.push(last));
  dispatcher.add('dm', (_sender, _text, last) => events.push(last));
  dispatcher.deliver(event);
  assert.deepEqual(events, [event, event]);
});

test('what a callback throws goes to the callbacks for errors; the others are called all the same', () => {
  const dispatcher = new Dispatcher({}, false);
  const failure = new Error('mine');
  const heard: unknown[] = [];
  dispatcher.add('error', (error) => heard.push(error));
  dispatcher.add('system', () => {
    throw failure;
  });
  dispatcher.add('system', (text) => heard.push(text));
  const event = messageEvent('x', parseServerMessage('x'), { isAnswer: false, place: 'unknown' }, 'me');
  dispatcher.deliver(event);
  assert.deepEqual(heard, [failure, 'x']);
});

/** The next warning of the process. */
function nextWarning(): Promise<Error> {
  return new Promise((resolve) => void process.once('warning', resolve));
}

test('an error that nobody listens for is a warning, with its stack', async () => {
  const warning = nextWarning();
  new Dispatcher({}, false).report(new RangeError('mine'));
  const { name, message } = await warning;
  assert.deepEqual([name, message], ['RangeError', 'mine']);
});

test('an error in a callback for errors is a warning, and does not come back', async () => {
  const dispatcher = new Dispatcher({}, false);
  let calls = 0;
  dispatcher.add('error', () => {
    calls++;
    throw new TypeError('mine');
  });
  const warning = nextWarning();
  dispatcher.report(new Error('first'));
  assert.equal((await warning).message, 'mine');
  assert.equal(calls, 1);
});

test('of a value that is no Error only the type is told', async () => {
  const warning = nextWarning();
  new Dispatcher({}, false).report('secret');
  assert.match((await warning).message, /of type string/);
});

test('an event is made only when a callback takes it', () => {
  const rows: readonly [raw: string, isAnswer: boolean, kinds: readonly CallbackKind[]][] = [
    ['[DM from al]: x', false, ['dm']],
    ['[12:00:00] al: x', false, ['room', 'lobby']],
    ['[12:00:00] [#a] al: x', false, ['room', 'lobby']],
    ['*** al joined the chat ***', false, ['presence']],
    ['*** al left #a ***', false, ['presence']],
    ['Anything else', false, ['system']],
    ['[DM to al]: x', true, []],
  ];
  for (const [raw, isAnswer, kinds] of rows) {
    const message = parseServerMessage(raw);
    for (const kind of ['dm', 'room', 'lobby', 'presence', 'system', 'message', 'error'] as const) {
      const dispatcher = new Dispatcher({}, false);
      assert.equal(dispatcher.takes(message, isAnswer), false);
      dispatcher.add(kind, () => {});
      const expected = kind === 'message' || kinds.includes(kind);
      assert.equal(dispatcher.takes(message, isAnswer), expected, `${raw} for ${kind}`);
    }
  }
});
