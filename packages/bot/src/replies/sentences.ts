/** The end of a sentence and the white space after it, or a line break. */
const SENTENCE_END = /[.!?…]+["'”’»)\]]*\s+|[。！？]+|\n+/g;

/** A full stop after one of these, or after a single letter or a number, is no end: "Dr. Who", "1. Install it", "z. B." */
const ABBREVIATION = /(?:^|[\s(])(?:\p{L}|\d+|Dr|Mr|Mrs|Ms|St|Prof|vs|etc|approx|bzw|ca)\.\s+$/u;

/** How many characters of a text are complete sentences; the rest may go on. */
export function completeLength(text: string): number {
  let length = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    const end = match.index + match[0].length;
    if (!ABBREVIATION.test(text.slice(0, end))) length = end;
  }
  return length;
}
