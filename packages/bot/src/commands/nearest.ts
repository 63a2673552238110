import { closest, distance } from 'fastest-levenshtein';

/** The name most like `word`; undefined when none is similar. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closest(word, names);
  return distance(word, name) <= Math.max(1, Math.floor(word.length / 3)) ? name : undefined;
}
