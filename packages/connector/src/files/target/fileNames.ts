import { trimWhiteSpace } from '@quietroom/protocol/internals';
import { FileTransferError } from '../../errors.js';

/** In UTF-8. File systems allow 255 bytes as a rule; this leaves room for a number. */
export const MAX_FILE_NAME_BYTES = 200;

/** The name when nothing of the original can be kept. */
const FALLBACK = 'file';

/** Controls, format and bidi characters, halves of pairs, and whatever else is not seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

/** White_Space as servers mean it, and the blank of Braille, which looks like it. */
const BLANKS = /[\p{White_Space}\u2800]/gu;

/** Windows takes these for devices, whatever stands behind the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/**
 * A name that can be sent, made from this one: its last component, in NFC, with `_` for white space and bars, without characters that are
 * not seen, and cut to 200 bytes with its extension kept.
 *
 * @throws FileTransferError `FILE_NAME_INVALID` when nothing is left, as of `''`, `'..'` and `'/'`
 * @example sendableName('/home/ann/my report.pdf') // 'my_report.pdf'
 */
export function sendableName(name: string): string {
  const sendable = shorten(trimWhiteSpace(visible(name)).replace(/[ |]/g, '_'));
  if (/^\.{0,2}$/.test(sendable)) {
    throw new FileTransferError(
      'FILE_NAME_INVALID',
      `Nothing of the file name ${JSON.stringify(name)} can be sent; give another one as "name".`,
    );
  }
  return sendable;
}

/**
 * A base name in NFC, safe on every system, made of what a peer sent. Never empty: the last resort is `file`.
 * It is not a path, not hidden, not the name of a device, and holds no invisible characters or direction marks.
 *
 * @example safeName('../../.ssh/authorized_keys') // 'authorized_keys'
 */
export function safeName(received: string): string {
  const allowed = visible(received).replace(/[<>:"|?*]/g, '_');
  // A name that begins with a hyphen is an option to the commands of a shell.
  const bare = shorten(withoutDotsAtEnds(allowed).replace(/^-/, '_'));
  const name = DEVICE.test(bare) ? shorten(`_${bare}`) : bare;
  return name === '' ? FALLBACK : name;
}

/** The name with a number before its extension: `report (2).pdf`. */
export function numberedName(name: string, number: number): string {
  const { stem, extension } = parts(name);
  return `${stem} (${number})${extension}`;
}

/**
 * Composed (NFC), as most systems write names: the same name in NFD, as some give it, would be a second file that looks
 * equal. Normalised after characters have gone that kept a letter and its accent apart.
 */
function visible(name: string): string {
  return lastComponent(name).replace(BLANKS, ' ').replace(INVISIBLE, '').normalize('NFC');
}

/** The part after the last slash of either kind, ignoring slashes at the end. */
function lastComponent(path: string): string {
  return path.split(/[/\\]/).findLast((component) => component !== '') ?? '';
}

function withoutDotsAtEnds(name: string): string {
  return withoutDotsAtEnd(name.replace(/^[. ]+/, ''));
}

function withoutDotsAtEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  return name.slice(0, end);
}

/** Cut between code points to what a file system takes, before the extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_FILE_NAME_BYTES) return name;
  const { stem, extension } = parts(name);
  let room = MAX_FILE_NAME_BYTES - Buffer.byteLength(extension);
  let end = 0;
  for (const character of stem) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    end += character.length;
  }
  return withoutDotsAtEnd(stem.slice(0, end)) + extension;
}

/** The extension is that of the last dot, with a `.tar` before it, if it is as short as extensions are. */
function parts(name: string): { stem: string; extension: string } {
  const extension = /(?<=[^.])(?:\.tar)?\.[^. ]{1,16}$/i.exec(name)?.[0] ?? '';
  return { stem: name.slice(0, name.length - extension.length), extension };
}
