/** Controls, what changes the direction of writing, and what is not drawn. JSON itself escapes those below U+0020. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A value as JSON that is safe to show: what could control a terminal or hide is escaped, so that whoever parses it
 * gets the very same texts.
 *
 * @param indent blanks of each level; by default it is one line
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
