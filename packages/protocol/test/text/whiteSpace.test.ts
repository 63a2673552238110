import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWhiteSpace, joinWords, splitWords, trimWhiteSpace } from '@quietroom/protocol/internals';
import { takeWord } from '#src/text/whiteSpace.js';
import fc from 'fast-check';

const UNICODE = /^\p{White_Space}$/u;

test('White space is what Unicode calls so, for every code point', () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const expected = UNICODE.test(character);
    if (isWhiteSpace(code) !== expected) wrong.push(`isWhiteSpace ${code.toString(16)}`);
    // The same table drives trimming and splitting.
    if ((trimWhiteSpace(character) === '') !== expected) wrong.push(`trim ${code.toString(16)}`);
    if ((splitWords(character).length === 0) !== expected) wrong.push(`split ${code.toString(16)}`);
  }
  assert.deepEqual(wrong, []);
});

const ROWS = [
  { name: 'U+0085, which JavaScript keeps', text: '\u0085/quit\u0085', trimmed: '/quit' },
  { name: 'U+FEFF, which JavaScript strips', text: '\uFEFFx\uFEFF', trimmed: '\uFEFFx\uFEFF' },
  { name: 'U+00A0', text: '\u00A0x y\u00A0', trimmed: 'x y' },
  { name: 'U+200B', text: '\u200Bx', trimmed: '\u200Bx' },
  { name: 'U+180E', text: '\u180Ex', trimmed: '\u180Ex' },
  { name: 'U+2028 and U+3000', text: '\u2028\u3000x\u2029', trimmed: 'x' },
  { name: 'nothing but white space', text: ' \t\r\n\v\f\u0085', trimmed: '' },
  { name: 'nothing', text: '', trimmed: '' },
];

for (const { name, text, trimmed } of ROWS) {
  test(`Trimming knows ${name}`, () => assert.equal(trimWhiteSpace(text), trimmed));
}

const BLANKS = [
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  ' ',
  '\u0085',
  '\u00A0',
  '\u1680',
  '\u2000',
  '\u2028',
  '\u3000',
];
const tricky = fc.string({
  unit: fc.constantFrom(...BLANKS, 'a', '/', '#', '\uFEFF', '\u200B', '\ud800', '🕊'),
  maxLength: 30,
});

test('Trimming takes white space off both ends, and nothing else', () => {
  fc.assert(
    fc.property(tricky, (text) => {
      const trimmed = trimWhiteSpace(text);
      assert.equal(trimmed, text.replace(/^\p{White_Space}+/u, '').replace(/\p{White_Space}+$/u, ''));
      assert.equal(trimWhiteSpace(trimmed), trimmed);
    }),
  );
});

test('Words are the runs between white space, none of them empty', () => {
  fc.assert(
    fc.property(tricky, (text) => {
      assert.deepEqual(
        splitWords(text),
        text.split(/\p{White_Space}/u).filter((word) => word !== ''),
      );
    }),
  );
});

const TEXTS = fc.string({ unit: fc.constantFrom('a', '😀', ' ', '\t', '\u0085', '\u3000', '\uFEFF') });

test('Joined words are the words with one space between them', () =>
  fc.assert(fc.property(TEXTS, (text) => assert.equal(joinWords(text), splitWords(text).join(' ')))));

test('The first word is taken, and the rest begins with the second', () =>
  fc.assert(
    fc.property(TEXTS, (text) => {
      const [word, rest] = takeWord(text);
      const [first = '', ...others] = splitWords(text);
      assert.deepEqual([word, splitWords(rest)], [first, others]);
      assert.ok(rest === '' || !isWhiteSpace(rest.charCodeAt(0)));
    }),
  ));
