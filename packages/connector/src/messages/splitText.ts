import { isWhiteSpace, trimWhiteSpace } from '@quietroom/protocol/internals';

/** Made when it is first needed, for it is slow to make. */
let graphemes: Intl.Segmenter | undefined;

/**
 * Splits a text into parts of at most `maxBytes` (at least 4) of UTF-8. It splits at line ends if possible, otherwise
 * between words, otherwise between graphemes; only a grapheme that is longer than a part is split itself. White space
 * at a split is dropped; no part is empty. Stops after `maxParts` + 1 parts.
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

/** The end of the first part. The text does not begin with white space. */
function endOfPart(text: string, maxBytes: number): number {
  const limit = unitsWithin(text, maxBytes);
  if (limit === text.length) return limit;
  // The line end or space may directly follow the limit.
  return lastLineEnd(text, limit) ?? lastWordEnd(text, limit) ?? lastGraphemeEnd(text, limit);
}

/** How many UTF-16 code units, whole characters only, fit into `maxBytes`. */
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
  // The next character decides whether a grapheme ends.
  const start = text.slice(0, limit + 2);
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let end = 0;
  for (const { index, segment } of graphemes.segment(start)) {
    if (index + segment.length > limit) break;
    end = index + segment.length;
  }
  return end > 0 ? end : limit;
}
