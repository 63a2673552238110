import { createHash } from 'node:crypto';

/** Longer names are cut. */
const MAX_BYTES = 32;

/** Characters that could end a name early, change what follows, or look like a cut name. */
const UNSAFE = /[\p{C}\p{Z}<>~]/gu;

/**
 * A name as the other side sees it, without `<`, `>`, blanks and characters that cannot be seen. A name that had to be
 * changed or cut ends in `~` and six characters of its hash, so that two names look the same on no side. Blanks within a
 * name become `_`.
 *
 * @example
 * displayName('alice'); // 'alice'
 * displayName('Jo Doe'); // 'Jo_Doe~q3x7ka'
 */
export function displayName(name: string): string {
  const safe = name.toWellFormed().replace(UNSAFE, '_');
  if (safe === name && Buffer.byteLength(name) <= MAX_BYTES) return name;
  const suffix = `~${createHash('sha256').update(name).digest('base64url').slice(0, 6)}`;
  return cut(safe, MAX_BYTES - suffix.length) + suffix;
}

/** The longest start of a text that has so many bytes at most, in whole characters. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
