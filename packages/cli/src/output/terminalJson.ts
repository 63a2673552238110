/** Control, bidi and invisible characters. JSON itself escapes those below U+0020. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Formats a value as terminal-safe JSON: control and invisible characters are escaped, so that a parser
 * gets the same texts.
 *
 * @param indent blanks per level; by default a single line
 */
export function terminalJson(value: object, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE, escape);
}

function escape(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++) {
    escaped += String.raw`\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
