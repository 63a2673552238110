/**
 * Unicode White_Space, as servers trim and split by it. JavaScript's `trim` and `\s` differ: they keep
 * U+0085 and strip U+FEFF, so "\u0085/quit" would pass a check made with them and become a command.
 */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

const escape = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

/** The inside of a regular expression's character class that matches White_Space. */
export const WHITE_SPACE_CLASS = RANGES.map(([first, last]) => `${escape(first)}-${escape(last)}`).join('');

/** 1 for each White_Space character; all of them are single UTF-16 units. */
const IS_WHITE_SPACE = new Uint8Array(0x3001);
for (const [first, last] of RANGES) IS_WHITE_SPACE.fill(1, first, last + 1);

const WORDS = new RegExp(`[^${WHITE_SPACE_CLASS}]+`, 'g');

/** White_Space other than a single space. */
const IRREGULAR = new RegExp(`[${WHITE_SPACE_CLASS}]{2}|(?! )[${WHITE_SPACE_CLASS}]`);

const SPACE = 0x20;

/** True for the code of a White_Space character. */
export function isWhiteSpace(code: number): boolean {
  return IS_WHITE_SPACE[code] === 1;
}

/** The text without White_Space at its ends. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The runs of text between White_Space. */
export function splitWords(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/**
 * The first word of a text, and the text from the second word on.
 *
 * @example
 * takeWord('  a  b c '); // ['a', 'b c ']
 */
export function takeWord(text: string): [word: string, rest: string] {
  const start = skip(text, 0, true);
  const end = skip(text, start, false);
  return [text.slice(start, end), text.slice(skip(text, end, true))];
}

/** The words of a text, joined by one space. Takes few nanoseconds a character, whatever the text. */
export function joinWords(text: string): string {
  const trimmed = trimWhiteSpace(text);
  if (!IRREGULAR.test(trimmed)) return trimmed;
  const units = new Uint16Array(trimmed.length);
  let length = 0;
  let isAfterSpace = false;
  for (let at = 0; at < trimmed.length; at++) {
    const code = trimmed.charCodeAt(at);
    const isSpace = isWhiteSpace(code);
    if (!isSpace) units[length++] = code;
    else if (!isAfterSpace) units[length++] = SPACE;
    isAfterSpace = isSpace;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

/** The place after all White_Space, or after all else, from `at` on. */
function skip(text: string, at: number, isSpace: boolean): number {
  let end = at;
  while (end < text.length && isWhiteSpace(text.charCodeAt(end)) === isSpace) end++;
  return end;
}
