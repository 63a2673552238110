import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { terminalText } from '#src/output/terminalText.js';

const ROWS: readonly { readonly name: string; readonly text: string; readonly shown: string }[] = [
  { name: 'a colour', text: '\x1b[31mred', shown: String.raw`\x1b[31mred` },
  { name: 'a window title', text: '\x1b]0;pwned\x07', shown: String.raw`\x1b]0;pwned\x07` },
  { name: 'a C1 introducer', text: '\u009b2J', shown: String.raw`\x9b2J` },
  { name: 'NUL, backspace and DEL', text: 'a\0\b\x7f', shown: String.raw`a\x00\x08\x7f` },
  { name: 'line breaks', text: 'hi\r\nadmin: no', shown: String.raw`hi\r\nadmin: no` },
  { name: 'the next line control', text: 'a\u0085b', shown: String.raw`a\x85b` },
  {
    name: 'line and paragraph separators',
    text: 'a\u2028b\u2029c',
    shown: String.raw`a\u{2028}b\u{2029}c`,
  },
  { name: 'a tab', text: 'a\tb', shown: 'a b' },
  { name: 'a bidi override', text: 'exe\u202etxt.', shown: String.raw`exe\u{202e}txt.` },
  { name: 'bidi isolates', text: '\u2066a\u2069', shown: String.raw`\u{2066}a\u{2069}` },
  { name: 'direction marks', text: 'a\u200e\u200f\u061cb', shown: String.raw`a\u{200e}\u{200f}\u{61c}b` },
  { name: 'a zero-width space in a name', text: 'ali\u200bce', shown: String.raw`ali\u{200b}ce` },
  { name: 'joiners between Latin letters', text: 'a\u200db\u200cc', shown: String.raw`a\u{200d}b\u{200c}c` },
  {
    name: 'a byte order mark and a word joiner',
    text: '\ufeffa\u2060',
    shown: String.raw`\u{feff}a\u{2060}`,
  },
  { name: 'a soft hyphen', text: 'a\u00adb', shown: String.raw`a\xadb` },
  { name: 'Hangul fillers', text: '\u3164\u115f\uffa0', shown: String.raw`\u{3164}\u{115f}\u{ffa0}` },
  { name: 'hidden tag characters', text: 'a\u{e0041}', shown: String.raw`a\u{e0041}` },
  { name: 'hidden variation selectors', text: 'a\ufe0f\u{e0101}', shown: String.raw`a\u{fe0f}\u{e0101}` },
  { name: 'lone surrogates', text: 'a\ud800b\udfff', shown: String.raw`a\u{d800}b\u{dfff}` },
  { name: 'interlinear annotations', text: '\ufff9a\ufffb', shown: String.raw`\u{fff9}a\u{fffb}` },
  {
    name: 'a joiner behind what is escaped',
    text: `\u180b\u200c\u0915${'\u0901'.repeat(9)}\u200d`,
    shown: String.raw`\u{180b}\u{200c}` + `\u0915${'\u0901'.repeat(8)}` + String.raw`\u{901}\u{200d}`,
  },
  {
    name: 'the ninth mark on a letter',
    text: `e${'\u0301'.repeat(9)}`,
    shown: `e${'\u0301'.repeat(8)}${String.raw`\u{301}`}`,
  },
];

const KEPT: Readonly<Record<string, string>> = {
  ASCII: Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join(''),
  'letters of many scripts': 'Grüße, 你好, γειά, שלום, مرحبا, नमस्ते, 안녕, e\u0301',
  'emoji of several': '👩🏽\u200d⚕\ufe0f 👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈',
  'emoji in colour, a keycap, flags':
    '❤\ufe0f 1\ufe0f\u20e3 🇬🇷 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
  'Persian and Malayalam with joiners': 'می\u200cخواهم ന്\u200d',
  'a variant of a Chinese character': '葛\u{e0100}',
  'a character outside the first plane': '𝒜',
};

suite('terminalText', () => {
  for (const { name, text, shown } of ROWS) {
    test(`shows ${name} without effect`, () => assert.equal(terminalText(text), shown));
  }

  for (const [name, text] of Object.entries(KEPT)) {
    test(`keeps ${name}`, () => assert.equal(terminalText(text), text));
  }

  test('lets no control, line break, surrogate or bidi control through, whatever the text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        assert.doesNotMatch(terminalText(text), /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }),
      { numRuns: 2000 },
    );
  });

  test('lets nothing invisible through between letters, digits and signs', () => {
    const visible = fc.constantFrom('a', 'Z', '0', '_', '.', ':', 'é', 'я', ' ');
    const invisible = anyOf('\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u3164\ufe00\u{e0020}');
    fc.assert(
      fc.property(fc.array(fc.tuple(visible, invisible)), (pairs) => {
        const shown = terminalText(pairs.flat().join(''));
        assert.doesNotMatch(shown, /\p{Default_Ignorable_Code_Point}/u);
        for (const [character] of pairs) assert.ok(shown.includes(character));
      }),
    );
  });

  test('leaves text that it made safe as it is, also behind other safe text', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (first, second) => {
        const line = `${terminalText(first)}: ${terminalText(second)}`;
        assert.equal(terminalText(line), line);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Rich in what matters here; random code points alone would hardly ever meet. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      anyOf('a1#é的👩🏽🏴⚕ي\u1820\u0301'),
      anyOf('\x1b\n\r\t\x07\x7f\x9b\u202e\u2066\u2028'),
      anyOf('\u200b\u200c\u200d\ufe0e\ufe0f\u20e3\u{e0062}\u{e007f}\u{e0100}\u180b\ud800'),
    ),
  )
  .map((parts) => parts.join(''));

function anyOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}
