import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitText } from '#src/messages/splitText.js';

const FAMILY = '👨‍👩‍👧';
const FLAG = '🇮🇹';
const ACCENT = 'e\u0301';

const ROWS: { name: string; text: string; maxBytes: number; parts: string[] }[] = [
  { name: 'a text that fits', text: 'a b\nc', maxBytes: 5, parts: ['a b\nc'] },
  { name: 'a text of one byte too much', text: 'ab cd', maxBytes: 4, parts: ['ab', 'cd'] },
  { name: 'nothing', text: '', maxBytes: 4, parts: [] },
  { name: 'white space alone', text: ' \n\u0085 ', maxBytes: 4, parts: [] },
  { name: 'white space at the ends', text: '\n ab \u3000', maxBytes: 4, parts: ['ab'] },
  { name: 'lines before words', text: 'a b\nc d e', maxBytes: 8, parts: ['a b', 'c d e'] },
  { name: 'as many lines as fit', text: 'a\nb\nc\nd', maxBytes: 5, parts: ['a\nb\nc', 'd'] },
  { name: 'a line that ends where the part does', text: 'abcd\nefgh', maxBytes: 4, parts: ['abcd', 'efgh'] },
  { name: 'lines that end in two characters', text: 'abc\r\ndef', maxBytes: 5, parts: ['abc', 'def'] },
  { name: 'words', text: 'one two three', maxBytes: 8, parts: ['one two', 'three'] },
  { name: 'a word that ends where the part does', text: 'abcd efgh', maxBytes: 4, parts: ['abcd', 'efgh'] },
  { name: 'words that fill a part', text: 'ab cd ef', maxBytes: 5, parts: ['ab cd', 'ef'] },
  { name: 'runs of blanks', text: 'one      two', maxBytes: 5, parts: ['one', 'two'] },
  {
    name: 'white space that JavaScript does not know',
    text: 'one\u0085two',
    maxBytes: 5,
    parts: ['one', 'two'],
  },
  { name: 'no white space', text: 'abcdefghij', maxBytes: 4, parts: ['abcd', 'efgh', 'ij'] },
  {
    name: 'a long word behind a short one',
    text: 'a bcdefghij',
    maxBytes: 4,
    parts: ['a', 'bcde', 'fghi', 'j'],
  },
  { name: 'characters of two bytes', text: 'äöüß', maxBytes: 5, parts: ['äö', 'üß'] },
  { name: 'characters of three bytes', text: '€€€', maxBytes: 7, parts: ['€€', '€'] },
  { name: 'characters of four bytes', text: '🕊🕊🕊', maxBytes: 11, parts: ['🕊🕊', '🕊'] },
  { name: 'an emoji sequence', text: `ab${FAMILY}`, maxBytes: 19, parts: ['ab', FAMILY] },
  { name: 'flags', text: FLAG + FLAG + FLAG, maxBytes: 20, parts: [FLAG + FLAG, FLAG] },
  { name: 'combining marks', text: ACCENT.repeat(3), maxBytes: 7, parts: [ACCENT + ACCENT, ACCENT] },
  {
    name: 'a mark behind the last character that fits',
    text: `abc${ACCENT}`,
    maxBytes: 4,
    parts: ['abc', ACCENT],
  },
  {
    name: 'a grapheme that is longer than a part',
    text: `e${'\u0301'.repeat(5)}`,
    maxBytes: 5,
    parts: ['e\u0301\u0301', '\u0301\u0301', '\u0301'],
  },
];

for (const { name, text, maxBytes, parts } of ROWS) {
  test(`Splitting knows ${name}`, () => assert.deepEqual(splitText(text, maxBytes), parts));
}

const PIECES = [
  'a',
  'bc',
  'ä',
  '€',
  '🕊',
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\u0085',
  '\u00a0',
  FAMILY,
  FLAG,
  ACCENT,
  '👍🏽',
  '각',
  '\u0301',
];
const text = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 40, size: 'max' })
  .map((pieces) => pieces.join(''));
const maxBytes = fc.integer({ min: 4, max: 60 });
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Where each part stands in the text. */
function places(whole: string, parts: readonly string[]): { start: number; end: number }[] {
  let end = 0;
  return parts.map((part) => {
    const start = whole.indexOf(part, end);
    assert.match(whole.slice(end, start), /^\p{White_Space}*$/u, 'nothing but white space is left out');
    end = start + part.length;
    return { start, end };
  });
}

test('Parts are within the limit, not empty, without white space at their ends, and leave out nothing else', () => {
  fc.assert(
    fc.property(text, maxBytes, (whole, limit) => {
      const parts = splitText(whole, limit);
      for (const part of parts) {
        assert.ok(Buffer.byteLength(part) <= limit);
        assert.doesNotMatch(part, /^\p{White_Space}|\p{White_Space}$|^$/u);
        assert.ok(part.isWellFormed());
      }
      const end = places(whole, parts).at(-1)?.end ?? 0;
      assert.match(whole.slice(end), /^\p{White_Space}*$/u);
    }),
    { numRuns: 1000 },
  );
});

test('A text is cut at white space where a part has any, at a line end where a part has one', () => {
  fc.assert(
    fc.property(text, maxBytes, (whole, limit) => {
      const parts = splitText(whole, limit);
      for (const [index, { start, end }] of places(whole, parts).entries()) {
        const next = places(whole, parts)[index + 1];
        if (next === undefined) break;
        const gap = whole.slice(end, next.start);
        const part = whole.slice(start, end);
        if (gap === '') assert.doesNotMatch(part, /\p{White_Space}/u);
        if (!gap.includes('\n')) assert.ok(!part.includes('\n'));
      }
    }),
    { numRuns: 1000 },
  );
});

test('A text is cut within a grapheme only when that is longer than a part', () => {
  fc.assert(
    fc.property(text, maxBytes, (whole, limit) => {
      const bounds = new Map<number, number>();
      for (const { index, segment } of graphemes.segment(whole)) {
        for (let at = 1; at < segment.length; at++) bounds.set(index + at, Buffer.byteLength(segment));
      }
      for (const { start } of places(whole, splitText(whole, limit))) {
        // White space takes a mark behind it for its own; it is cut there all the same.
        const isBehindBlank = /\p{White_Space}$/u.test(whole.slice(0, start));
        if (!isBehindBlank) assert.ok((bounds.get(start) ?? limit + 1) > limit, `cut at ${start}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('A part takes as much as fits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'ä', '€', '🕊'), { maxLength: 40 }),
      maxBytes,
      (letters, limit) => {
        const parts = splitText(letters.join(''), limit);
        for (const [index, part] of parts.entries()) {
          const [next = ''] = parts[index + 1] ?? [];
          if (next !== '') assert.ok(Buffer.byteLength(part + next) > limit);
        }
      },
    ),
  );
});

test('Splitting ends with one part more than are wanted, however long the text is', () => {
  assert.equal(splitText('x'.repeat(1_000_000), 4000, 5).length, 6);
  assert.equal(splitText('x'.repeat(20_000), 4000, 5).length, 5);
});
