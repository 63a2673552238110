import { eastAsianWidth } from 'get-east-asian-width';

/** A grapheme cluster and its width in terminal columns. */
export interface Grapheme {
  readonly text: string;
  readonly width: number;
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;
/** Emoji shown in colour by default or by a selector; flags; keycaps. */
const EMOJI =
  /^(?:(?!\p{Regional_Indicator})\p{Emoji_Presentation}|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}\p{Emoji_Modifier}?[\ufe0f\u200d]|[0-9#*]\ufe0f\u20e3)/u;
/** Zero width: combining marks, format characters, the middle and end of a Hangul syllable. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/** Splits text without control characters, as from `terminalText`, into graphemes. */
export function graphemes(text: string): Grapheme[] {
  if (PLAIN.test(text)) return Array.from(text, (character) => ({ text: character, width: 1 }));
  return Array.from(SEGMENTER.segment(text), ({ segment }) => ({
    text: segment,
    width: graphemeWidth(segment),
  }));
}

/** The width of a text in columns. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return graphemes(text).reduce((sum, { width }) => sum + width, 0);
}

/** Cuts a text to a width; `…` replaces the rest. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let cut = '';
  let left = width - 1;
  for (const grapheme of graphemes(text)) {
    left -= grapheme.width;
    if (left < 0) break;
    cut += grapheme.text;
  }
  return `${cut}…`;
}

function graphemeWidth(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  let width = 0;
  for (const character of grapheme) {
    if (!ZERO.test(character)) width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
}
