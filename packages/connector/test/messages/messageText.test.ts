import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.js';
import {
  assertCommand,
  assertPassword,
  assertPlace,
  assertRecipient,
  assertRoom,
  chatParts,
  dmParts,
  type TextOptions,
} from '#src/messages/messageText.js';

const OPTIONS: TextOptions = { split: true, maxParts: 20, newlines: 'collapse' };
const NAME = 'tester';

/** Texts of more bytes disconnect 1.x clients: 4096 of data, less 28 for nonce and tag. */
const CLIENT_LIMIT = 4068;
const TIME = '[00:00:00] ';

function isError(code: ConnectorErrorCode, hint = ''): (error: unknown) => boolean {
  return (error) => error instanceof ConnectorError && error.code === code && error.message.includes(hint);
}

const DM_ROWS: { name: string; text: string; options?: Partial<TextOptions>; parts: string[] }[] = [
  { name: 'as it is', text: 'hi there', parts: ['hi there'] },
  { name: 'with single blanks', text: '  hi \t\u00a0 there\n', parts: ['hi there'] },
  { name: 'with blanks for line ends', text: 'a\nb\r\nc', parts: ['a b c'] },
  {
    name: 'a line each',
    text: ' a  b\n\nc\r\nd\u2028e \n',
    options: { newlines: 'split' },
    parts: ['a b', 'c', 'd', 'e'],
  },
  {
    name: 'in one message if it is one line',
    text: 'a b',
    options: { newlines: 'split', maxParts: 1 },
    parts: ['a b'],
  },
  { name: 'with U+FFFD for half a surrogate pair', text: 'a\ud83dz', parts: ['a\ufffdz'] },
  { name: 'with a slash at its start', text: '/quit', parts: ['/quit'] },
];

for (const { name, text, options, parts } of DM_ROWS) {
  test(`A direct message is sent ${name}`, () => {
    assert.deepEqual(dmParts(text, NAME, { ...OPTIONS, ...options }), parts);
  });
}

test('Chat is sent without the white space that a server drops: at its end, and in the lobby at its start', () => {
  for (const [room, start] of [
    [undefined, ''],
    ['#a', '\u0085 '],
  ] as const) {
    assert.deepEqual(chatParts('\u0085 a  b\n\n c\n', NAME, room, OPTIONS), [`${start}a  b\n\n c`]);
    assert.deepEqual(chatParts('a\nb', NAME, room, { ...OPTIONS, newlines: 'split' }), ['a\nb']);
    assert.deepEqual(chatParts('/quit', NAME, room, OPTIONS), ['/quit']);
    assert.deepEqual(chatParts('\udc00', NAME, room, OPTIONS), ['\ufffd']);
  }
});

test('a text of only white space is refused', () => {
  for (const text of ['', ' ', '\n\u0085\u2028\u3000']) {
    assert.throws(() => dmParts(text, NAME, OPTIONS), isError('MESSAGE_EMPTY'));
    assert.throws(() => dmParts(text, NAME, { ...OPTIONS, newlines: 'split' }), isError('MESSAGE_EMPTY'));
    assert.throws(() => chatParts(text, NAME, undefined, OPTIONS), isError('MESSAGE_EMPTY'));
    assert.throws(() => chatParts(text, NAME, '#a', OPTIONS), isError('MESSAGE_EMPTY'));
  }
});

/** What the server puts before a text that it passes on, and how a text becomes parts. */
const LIMITS: { name: string; prefix: string; parts: (text: string, options: TextOptions) => string[] }[] = [
  {
    name: 'A direct message',
    prefix: `[DM from ${NAME}]: `,
    parts: (text, options) => dmParts(text, NAME, options),
  },
  {
    name: 'A lobby message',
    prefix: `${TIME}${NAME}: `,
    parts: (text, options) => chatParts(text, NAME, undefined, options),
  },
  {
    name: 'A room message',
    prefix: `${TIME}[#räume] ${NAME}: `,
    parts: (text, options) => chatParts(text, NAME, '#räume', options),
  },
];

for (const { name, prefix, parts } of LIMITS) {
  const most = CLIENT_LIMIT - Buffer.byteLength(prefix);

  test(`${name} that 1.x clients just survive is sent in one part, a longer one in two`, () => {
    const text = 'ä'.repeat(Math.floor(most / 2)) + 'a'.repeat(most % 2);
    assert.deepEqual(parts(text, { ...OPTIONS, maxParts: 1 }), [text]);
    assert.deepEqual(parts(text, { ...OPTIONS, split: false }), [text]);
    assert.equal(parts(`${text}a`, OPTIONS).length, 2);
    assert.equal(parts(`${text}a`, OPTIONS).join(''), `${text}a`);
  });

  test(`${name} that is too long is refused when it is not to be split, with the limit`, () => {
    assert.throws(
      () => parts('a'.repeat(most + 1), { ...OPTIONS, split: false }),
      isError('MESSAGE_TOO_LONG', `has ${most + 1} bytes; at most ${most} can`),
    );
  });

  test(`${name} that would take too many parts is refused`, () => {
    const text = `${'a'.repeat(4000)} `.repeat(3);
    assert.equal(parts(text, { ...OPTIONS, maxParts: 3 }).length, 3);
    assert.throws(
      () => parts(text, { ...OPTIONS, maxParts: 2 }),
      isError('MESSAGE_TOO_LONG', 'more than 2 messages'),
    );
  });
}

test('Chat behind U+2060 is as long as 1.x clients survive, too', () => {
  const most = CLIENT_LIMIT - `${TIME}${NAME}: `.length;
  const text = `/${'a'.repeat(most - 4)}`;
  assert.deepEqual(chatParts(text, NAME, undefined, OPTIONS), [text]);
  assert.equal(chatParts(`${text}a`, NAME, undefined, OPTIONS).length, 2);
  assert.throws(
    () => chatParts(`${text}a`, NAME, undefined, { ...OPTIONS, split: false }),
    isError('MESSAGE_TOO_LONG', `at most ${most - 3} can`),
  );
});

test('Lines that are too long are split further', () => {
  const line = 'a'.repeat(5000);
  const [first = '', second = '', third = ''] = dmParts(`${line}\nb`, NAME, {
    ...OPTIONS,
    newlines: 'split',
  });
  assert.deepEqual([first + second, third], [line, 'b']);
});

const letters = fc.constantFrom(
  'a',
  '/',
  '[#',
  '\u2060',
  'ä',
  '🕊',
  ' ',
  '\n',
  '\u0085',
  'lorem ipsum ',
  '\ud800',
);
const long = fc
  .tuple(fc.array(letters, { minLength: 1, maxLength: 30, size: 'max' }), fc.integer({ min: 1, max: 600 }))
  .map(([pieces, times]) => pieces.join('').repeat(times));
const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/);
const room = fc.stringMatching(/^#[a-z🕊]{0,60}$/u);

function bare(text: string): string {
  return text.toWellFormed().replaceAll(/\p{White_Space}/gu, '');
}

test('What is sent in parts keeps within what 1.x clients survive, U+2060 included, and loses nothing but white space', () => {
  const options: TextOptions = { ...OPTIONS, maxParts: 10_000 };
  fc.assert(
    fc.property(long, name, room, (text, sender, place) => {
      fc.pre(bare(text) !== '');
      const sent = [
        { prefix: `[DM from ${sender}]: `, parts: dmParts(text, sender, options) },
        {
          prefix: `${TIME}${sender}: \u2060`,
          parts: chatParts(text, sender, undefined, options),
          isGuarded: true,
        },
        {
          prefix: `${TIME}[${place}] ${sender}: \u2060`,
          parts: chatParts(text, sender, place, options),
          isGuarded: true,
        },
      ];
      for (const { prefix, parts, isGuarded } of sent) {
        for (const part of parts) {
          const guard = isGuarded && !/^(?:\/|\[#|\u2060)/.test(part) ? 3 : 0;
          assert.ok(Buffer.byteLength(prefix + part) - guard <= CLIENT_LIMIT);
          assert.doesNotMatch(
            part,
            prefix.includes('[#') ? /\p{White_Space}$|^$/u : /^\p{White_Space}|\p{White_Space}$|^$/u,
          );
        }
        assert.equal(bare(parts.join('')), bare(text));
      }
    }),
    { numRuns: 200 },
  );
});

test('A value that is no string is refused with its type', () => {
  // Callers in JavaScript can pass anything.
  const wrong = 7 as unknown as string;
  for (const call of [
    () => assertRecipient(wrong),
    () => assertRoom(wrong),
    () => assertPlace(wrong),
    () => assertPassword(wrong),
    () => assertCommand(wrong, NAME),
    () => dmParts(wrong, NAME, OPTIONS),
    () => chatParts(wrong, NAME, undefined, OPTIONS),
  ]) {
    assert.throws(call, (error) => error instanceof TypeError && error.message.includes('not number'));
  }
});

/** Each check, with what it lets pass and what it refuses. */
const CHECKS: {
  name: string;
  check: (value: string) => void;
  good: string[];
  bad: [string, ConnectorErrorCode][];
}[] = [
  {
    name: 'a recipient',
    check: assertRecipient,
    good: ['bob', 'Bob_1.x-y', '.', 'a'.repeat(32)],
    bad: ['', 'Al x', ' bob', 'bob\n', 'böb', 'a'.repeat(33), 'a/b'].map((value) => [
      value,
      'RECIPIENT_INVALID',
    ]),
  },
  {
    name: 'a room name',
    check: assertRoom,
    good: ['#a', '#', '##', '#a]b', '#a:b', '#räume', `#${'a'.repeat(254)}`],
    bad: ['', 'a', '#a b', '#a\u0085', ' #a', 'lobby', `#${'ä'.repeat(128)}`, '#\ud83d'].map((value) => [
      value,
      'ROOM_NAME_INVALID',
    ]),
  },
  {
    name: 'a place',
    check: assertPlace,
    good: ['lobby', '#a'],
    bad: [
      ['Lobby', 'ROOM_NAME_INVALID'],
      ['', 'ROOM_NAME_INVALID'],
    ],
  },
  {
    name: 'a password',
    check: assertPassword,
    good: ['', 'pw', 'two words', 'ä'.repeat(36)],
    bad: [' pw', 'pw ', 'two  words', 'two\twords', 'a\u00a0b', 'ä'.repeat(37), '\ud800'].map((value) => [
      value,
      'PASSWORD_INVALID',
    ]),
  },
  {
    name: 'a command',
    check: (value) => assertCommand(value, NAME),
    good: [
      '/help',
      '/Unknown thing',
      ' /users ',
      '/msg bob hi',
      '/msg bob',
      '/join',
      '/join a',
      '/join #a pw',
      '/leave #a',
      '[#a] hi',
      '/quit',
      `/x ${'a'.repeat(32_737)}`,
    ],
    bad: [
      ['', 'MESSAGE_EMPTY'],
      [' \u0085', 'MESSAGE_EMPTY'],
      ['hi', 'COMMAND_INVALID'],
      ['\u2060/help', 'COMMAND_INVALID'],
      ['[#a]hi', 'COMMAND_INVALID'],
      ['[#a]\nhi', 'COMMAND_INVALID'],
      ['[#a] ', 'COMMAND_INVALID'],
      [`/msg bob ${'a'.repeat(4054)}`, 'MESSAGE_TOO_LONG'],
      [`[#a] ${'a'.repeat(4056)}`, 'MESSAGE_TOO_LONG'],
      [`/join #${'a'.repeat(255)}`, 'ROOM_NAME_INVALID'],
      [`/x ${'a'.repeat(32_738)}`, 'MESSAGE_TOO_LONG'],
    ],
  },
];

for (const { name: what, check, good, bad } of CHECKS) {
  for (const value of good) {
    test(`${JSON.stringify(value.slice(0, 40))}, of ${value.length}, is taken for ${what}`, () =>
      check(value));
  }
  for (const [value, code] of bad) {
    test(`${JSON.stringify(value.slice(0, 40))}, of ${value.length}, is refused for ${what}`, () => {
      assert.throws(() => check(value), isError(code));
    });
  }
}
