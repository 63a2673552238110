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

const WORDS = new RegExp(`[^${WHITE_SPACE_CLASS}]+`, 'g');

/** True for the code of a White_Space character; all of them are single UTF-16 units. */
export function isWhiteSpace(code: number): boolean {
  // Most texts begin and end with one of these.
  if (code > 0x20 && code < 0x85) return false;
  return RANGES.some(([first, last]) => first <= code && code <= last);
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
