/** Line breaks, control characters, lone surrogates and invisible characters: bidi controls, zero widths, fillers, tags. */
const UNSAFE =
  String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]` +
  // More combining marks would overlap the lines above and below.
  String.raw`|(?<=\p{M}{8})\p{M}`;

/** Scripts in which joiners change the form of letters. */
const JOINING = [
  'Arabic',
  'Bengali',
  'Devanagari',
  'Gujarati',
  'Gurmukhi',
  'Kannada',
  'Khmer',
  'Malayalam',
  'Mongolian',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Syriac',
  'Tamil',
  'Telugu',
]
  .map((script) => String.raw`\p{Script=${script}}`)
  .join('');

/** Not after an escaped character. */
const BEHIND_SHOWN = String.raw`(?<!\p{Default_Ignorable_Code_Point}|\p{M}{9})`;

/** Invisible characters that change the form of the previous character. */
const SHAPING = [
  // Emoji sequences.
  String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})`,
  // Variation selectors for emoji, text and keycaps.
  String.raw`(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  // The flags of England, Scotland and Wales.
  String.raw`(?<=\u{1f3f4}[\u{e0030}-\u{e007a}]{0,6})[\u{e0030}-\u{e007a}\u{e007f}]`,
  String.raw`(?<=[${JOINING}])${BEHIND_SHOWN}[\u200c\u200d]`,
  String.raw`(?<=\p{Script=Mongolian})${BEHIND_SHOWN}[\u180b-\u180d\u180f]`,
  String.raw`(?<=\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
].join('|');

const TO_ESCAPE = new RegExp(`(?!${SHAPING})(?:${UNSAFE})`, 'gu');

/**
 * Makes foreign text safe to show: one line, without characters that control a terminal, change the
 * writing direction or hide. They are escaped as `\n`, `\x1b` or `\u{202e}`; a tab becomes a blank,
 * as in direct messages. Safe text stays unchanged, also when joined with other safe text.
 */
export function terminalText(text: string): string {
  return text.replace(TO_ESCAPE, escape);
}

function escape(character: string): string {
  switch (character) {
    case '\t':
      return ' ';
    case '\n':
      return String.raw`\n`;
    case '\r':
      return String.raw`\r`;
    default: {
      const hex = (character.codePointAt(0) ?? 0).toString(16);
      return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
    }
  }
}
