/** Longer names fit into few file systems. */
const MAX_FILE_NAME_BYTES = 255;

/** Of an extension, its dot included: a longer one is none. */
const MAX_EXTENSION_CHARACTERS = 16;

/**
 * What must not stand in a name: the bar, which would break `FILE_START` and `BEGIN_SEND`; controls; and what
 * turns the direction of the text, so that another extension seems to be there.
 */
const HARMFUL = /[|\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * The name of an offered file as others are told it: without folders, and harmless. Its Unicode form stays: a sender may
 * look for the name that it gave when it reads `BEGIN_SEND`. Who writes files normalises.
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
