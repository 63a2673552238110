/** Most file systems allow no longer names. */
const MAX_FILE_NAME_BYTES = 255;

/** Of an extension with its dot; longer ones count as part of the name. */
const MAX_EXTENSION_CHARACTERS = 16;

/**
 * Characters that names must not contain: the bar, which would break `FILE_START` and `BEGIN_SEND`; control characters;
 * and those that change the direction of text, which can fake another extension.
 */
const HARMFUL = /[|\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * The name of an offered file for other users: without folders and harmful characters. It is not normalised, because
 * the sender may compare it with the name in `BEGIN_SEND`.
 */
export function offeredName(path: string): string {
  const base =
    path
      .toWellFormed()
      .split(/[/\\]/)
      .findLast((part) => part !== '') ?? '';
  const name = base.replaceAll(HARMFUL, '_');
  return /^\.{0,2}$/.test(name) ? 'file' : shortened(name);
}

/** Keeps the extension. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_FILE_NAME_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= MAX_EXTENSION_CHARACTERS ? name.slice(dot) : '';
  const room = MAX_FILE_NAME_BYTES - Buffer.byteLength(extension);
  let stem = '';
  let bytes = 0;
  for (const character of name.slice(0, name.length - extension.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    stem += character;
  }
  return stem + extension;
}
