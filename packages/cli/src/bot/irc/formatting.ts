/** How the formatting of IRC is shown in the chat. */
export type Formatting = 'strip' | 'markdown';

const BOLD = '\x02';
const COLOUR = '\x03';
const HEX_COLOUR = '\x04';
const RESET = '\x0f';
const MONOSPACE = '\x11';
const REVERSE = '\x16';
const ITALICS = '\x1d';
const STRIKE_THROUGH = '\x1e';
const UNDERLINE = '\x1f';

/** The Markdown sign of a formatting. */
const MARKS: ReadonlyMap<string, string> = new Map([
  [BOLD, '**'],
  [ITALICS, '*'],
  [STRIKE_THROUGH, '~~'],
  [MONOSPACE, '`'],
]);

/** Colours may have numbers of foreground and background. */
const CODE = new RegExp(
  [
    String.raw`${COLOUR}(?:\d{1,2}(?:,\d{1,2})?)?`,
    String.raw`${HEX_COLOUR}(?:[\da-fA-F]{6}(?:,[\da-fA-F]{6})?)?`,
    `[${[BOLD, RESET, MONOSPACE, REVERSE, ITALICS, STRIKE_THROUGH, UNDERLINE].join('')}]`,
  ].join('|'),
  'g',
);

/** Control characters, separators of lines, and characters that change the direction of what follows. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes a text of one line without control characters. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(UNSAFE, ' ').trim();
}

/** The text of an IRC message without its formatting codes, or with marks in their place. */
export function textOfIrc(text: string, formatting: Formatting): string {
  if (formatting === 'strip') return plainText(text.replace(CODE, ''));
  const open: string[] = [];
  const closeAll = (): string => open.splice(0).toReversed().join('');
  const marked = text.replace(CODE, (code) => {
    if (code === RESET) return closeAll();
    const mark = MARKS.get(code);
    if (mark === undefined) return '';
    const at = open.indexOf(mark);
    if (at < 0) open.push(mark);
    else open.splice(at, 1);
    return mark;
  });
  return plainText(marked + closeAll());
}
