import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { byteText, fileText, progressBar } from '#src/chat/view/fileText.js';
import { cutToWidth, graphemes, textWidth } from '#src/output/textWidth.js';
import { wrapText } from '#src/output/wrapText.js';
import { isQuiet } from '#src/chat/quietHours.js';
import { terminalText } from '#src/output/terminalText.js';
import { AT } from '@quietroom/testing/chat';

const WIDTHS: Readonly<Record<string, number>> = {
  abc: 3,
  Grüße: 5,
  'e\u0301': 1,
  日本語: 6,
  한국어: 6,
  ﾊﾝ: 2,
  '\u{1f44b}': 2,
  '\u{1f469}\u{1f3fd}\u200d\u2695\ufe0f': 2,
  '\u{1f1ec}\u{1f1f7}': 2,
  '1\ufe0f\u20e3': 2,
  '❤\ufe0f': 2,
  '❤': 1,
  नमस्ते: 4,
  '│✓●': 3,
};

suite('textWidth', () => {
  for (const [text, width] of Object.entries(WIDTHS)) {
    test(`takes ${JSON.stringify(text)} for ${width} wide`, () => assert.equal(textWidth(text), width));
  }

  test('cuts at the end of a character, and says that it has cut', () => {
    assert.equal(cutToWidth('abcdef', 6), 'abcdef');
    assert.equal(cutToWidth('abcdef', 4), 'abc…');
    assert.equal(cutToWidth('日本語', 4), '日…');
    assert.equal(cutToWidth('\u{1f469}\u{1f3fd}\u200d\u2695\ufe0fx', 2), '…');
    assert.equal(cutToWidth('abc', 0), '');
  });
});

const WRAPS: readonly { text: string; width: number; first?: number; rows: readonly string[] }[] = [
  { text: '', width: 5, rows: [''] },
  { text: 'one two', width: 7, rows: ['one two'] },
  { text: 'one two three', width: 7, rows: ['one two', 'three'] },
  { text: 'one  two', width: 4, rows: ['one', 'two'] },
  { text: 'one two', width: 7, first: 4, rows: ['one', 'two'] },
  { text: 'abcdefgh', width: 3, rows: ['abc', 'def', 'gh'] },
  { text: 'ab cdefgh', width: 4, rows: ['ab c', 'defg', 'h'] },
  { text: '日本語日本', width: 5, rows: ['日本', '語日', '本'] },
  { text: 'word', width: 6, first: 2, rows: ['', 'word'] },
  { text: '   in', width: 20, rows: ['   in'] },
];

suite('wrapText', () => {
  for (const { text, width, first, rows } of WRAPS) {
    test(`breaks ${JSON.stringify(text)} at ${width}${first === undefined ? '' : `, ${first} first`}`, () =>
      assert.deepEqual(wrapText(text, width, first), rows));
  }

  test('loses nothing but blanks, and no row is too wide', () => {
    const words = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '日', '\u{1f44b}', 'e\u0301', '-'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 2, max: 20 }),
        (text, width, given) => {
          const first = Math.min(given, width);
          const rows = wrapText(text, width, first);
          assert.equal(rows.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
          rows.forEach((row, index) => assert.ok(textWidth(row.trimEnd()) <= (index === 0 ? first : width)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('what is safe is safe in each row, and in each character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 10 }), (given, width) => {
        const text = terminalText(given);
        assert.equal(
          graphemes(text)
            .map((one) => one.text)
            .join(''),
          text,
        );
        for (const row of wrapText(text, width)) assert.doesNotMatch(row, /\p{Cc}/u);
      }),
    );
  });
});

suite('files in words', () => {
  test('sizes have two or three digits', () => {
    assert.deepEqual([0, 999, 1000, 9949, 9960, 999_499, 1_000_000, 5e12].map(byteText), [
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '5000 GB',
    ]);
  });

  const file = {
    type: 'file',
    id: 1,
    at: AT,
    number: 3,
    direction: 'in',
    name: 'a.pdf',
    status: 'transferring',
    bytes: 500,
    totalBytes: 2000,
  } as const;

  test('a bar shows how far it is, in the room that there is', () => {
    assert.deepEqual(progressBar(file, 43), {
      done: '━'.repeat(5),
      left: '─'.repeat(15),
      text: '  25 %  500 B of 2.0 kB',
    });
    assert.deepEqual(progressBar(file, 20), { done: '', left: '', text: '25 %  500 B of 2.0 kB' });
    assert.deepEqual(progressBar({ ...file, totalBytes: undefined }, 40).text, '500 B');
    assert.equal(progressBar({ ...file, bytes: 9000 }, 43).left, '');
  });

  test('an offer says how to answer it', () => {
    assert.equal(
      fileText({ ...file, status: 'offered' }),
      'File 3: a.pdf (2.0 kB) is offered. /accept 3 or /decline 3',
    );
    assert.equal(
      fileText({ ...file, status: 'done', note: '/tmp/a.pdf' }),
      'File 3: a.pdf (2.0 kB) is saved as /tmp/a.pdf',
    );
  });
});

suite('isQuiet', () => {
  for (const [span, hour, minute, quiet] of [
    ['22:00-07:00', 22, 0, true],
    ['22:00-07:00', 21, 59, false],
    ['22:00-07:00', 6, 59, true],
    ['22:00-07:00', 7, 0, false],
    ['12:30-13:00', 12, 45, true],
    ['12:30-13:00', 13, 0, false],
    ['08:00-08:00', 8, 0, false],
    [undefined, 3, 0, false],
  ] as const) {
    test(`${hour}:${minute} is ${quiet ? '' : 'not '}within ${span}`, () =>
      assert.equal(isQuiet(span, new Date(2026, 0, 1, hour, minute)), quiet));
  }
});
