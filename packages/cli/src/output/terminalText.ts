/** Line breaks and controls, lone surrogates, and what is not drawn: bidi controls, zero widths, fillers, tags. */
const UNSAFE =
  String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]` +
  // More marks on one character would be drawn over the lines above and below.
  String.raw`|(?<=\p{M}{8})\p{M}`;

/** Scripts whose letters change their form at a joiner. */
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

/** Not behind a mark or a control of the script itself that is escaped. */
const BEHIND_SHOWN = String.raw`(?<!\p{Default_Ignorable_Code_Point}|\p{M}{9})`;

/** Of what is not drawn, that which gives the character before it another form. */
const SHAPING = [
  // Emoji that are made of several.
  String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})`,
  // An emoji in colour, or as text; a digit on a keycap.
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
 * Makes text from others safe to show: one line, without anything that controls a terminal, changes the
 * direction of writing or hides. What is taken out shows as `\n`, `\x1b` or `\u{202e}`; a tab becomes a blank,
 * as it does in direct messages. Text made safe stays as it is, also behind other safe text.
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
