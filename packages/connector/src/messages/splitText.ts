import { isWhiteSpace, trimWhiteSpace } from '@quietroom/protocol';

/** Made when it is first needed, for it is slow to make. */
let graphemes: Intl.Segmenter | undefined;

/**
 * Cuts a text into parts of at most `maxBytes` in UTF-8, at least 4: at ends of lines where it can, else
 * between words, else between graphemes, and only within a grapheme that is longer than a part between its
 * characters. White space where it is cut is dropped; no part is empty. After `maxParts` there is one part more if
 * there is more text, and then it ends.
 */
export function splitText(text: string, maxBytes: number, maxParts = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let rest = trimWhiteSpace(text);
  while (rest !== '' && parts.length <= maxParts) {
    const end = endOfPart(rest, maxBytes);
    parts.push(trimWhiteSpace(rest.slice(0, end)));
    rest = trimWhiteSpace(rest.slice(end));
  }
  return parts;
}

/** Where the first part of a text that begins without white space ends. */
function endOfPart(text: string, maxBytes: number): number {
  const limit = unitsWithin(text, maxBytes);
  if (limit === text.length) return limit;
  // What stands behind the limit may be the line end or the blank to cut at.
  return lastLineEnd(text, limit) ?? lastWordEnd(text, limit) ?? lastGraphemeEnd(text, limit);
}

/** How many UTF-16 units of the text, whole characters only, fit into so many bytes. */
function unitsWithin(text: string, maxBytes: number): number {
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) return at;
    at += code < 0x10000 ? 1 : 2;
  }
  return at;
}

function lastLineEnd(text: string, limit: number): number | undefined {
  const at = text.lastIndexOf('\n', limit);
  return at > 0 ? at : undefined;
}

function lastWordEnd(text: string, limit: number): number | undefined {
  for (let at = limit; at > 0; at--) if (isWhiteSpace(text.charCodeAt(at))) return at;
  return undefined;
}

function lastGraphemeEnd(text: string, limit: number): number {
  // A grapheme is told by what follows it: one more character than can be in the part is looked at.
  const start = text.slice(0, limit + 2);
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let end = 0;
  for (const { index, segment } of graphemes.segment(start)) {
    if (index + segment.length > limit) break;
    end = index + segment.length;
  }
  return end > 0 ? end : limit;
}
