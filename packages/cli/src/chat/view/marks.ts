import { wordRanges } from '@quietroom/chat';
import type { Span, Style } from './style.js';

/** The marks in texts. */
export interface Marking {
  /** Words that mention the user; marked in mentions only. */
  readonly words: readonly string[];
  /** The text that is searched for, in lower case; empty for none. */
  readonly search: string;
}

/** A part of a line with a style of its own. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly style: Style;
}

const ADDRESS = /https?:\/\/[^\s<>"'`\\]+/g;

/** The marks of a line, in order and without overlaps; hits of the search go first, then words, then addresses. */
export function marksOf(
  line: string,
  { words, search }: Marking,
  styles: { readonly hit: Style; readonly word: Style },
): readonly Mark[] {
  const marks: Mark[] = [];
  const add = (start: number, end: number, style: Style): void => {
    if (marks.every((mark) => mark.end <= start || mark.start >= end)) marks.push({ start, end, style });
  };
  if (search !== '') {
    const lower = line.toLowerCase();
    for (let at = lower.indexOf(search); at >= 0; at = lower.indexOf(search, at + search.length)) {
      add(at, at + search.length, styles.hit);
    }
  }
  for (const [start, end] of wordRanges(line, words)) add(start, end, styles.word);
  for (const match of line.matchAll(ADDRESS)) {
    // Punctuation at the end belongs to the sentence.
    const address = match[0].replace(/[.,;:!?)\]}]+$/, '');
    const link = encoded(address);
    if (link !== undefined) add(match.index, match.index + address.length, { underline: true, link });
  }
  return marks.sort((a, b) => a.start - b.start);
}

/** Part of a line as spans; `offset` is where it begins in the line. */
export function markedSpans(part: string, offset: number, marks: readonly Mark[], style: Style): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const mark of marks) {
    const start = Math.max(mark.start - offset, at);
    const end = Math.min(mark.end - offset, part.length);
    if (end <= start) continue;
    if (start > at) spans.push({ text: part.slice(at, start), style });
    spans.push({ text: part.slice(start, end), style: { ...style, ...mark.style } });
    at = end;
  }
  if (at < part.length || spans.length === 0) spans.push({ text: part.slice(at), style });
  return spans;
}

/** An address as terminals take it: printable ASCII only. */
function encoded(address: string): string | undefined {
  try {
    const { href } = new URL(address);
    return /^[!-~]+$/.test(href) ? href : undefined;
  } catch {
    return undefined;
  }
}
