import { isUtf8 } from 'node:buffer';

/** What `toString` puts in place of bytes that are not UTF-8; also a character that UTF-8 can hold. */
const REPLACEMENT = '\uFFFD';

/** The escape of the byte 0; those of 0x80 to 0xFF, U+DC80 to U+DCFF, are in use. No UTF-8 decodes to them. */
const ESCAPE = 0xdc00;

const ESCAPED = /([\uDC80-\uDCFF]+)/u;

/**
 * Decodes text so that `encodeUtf8` gives the same bytes: each byte that is not UTF-8 becomes a lone surrogate,
 * U+DC80 to U+DCFF. `decoded` is what `toString` made of the bytes.
 *
 * @example
 * decodeUtf8(Buffer.from([0x61, 0xff])); // 'a\udcff'
 */
export function decodeUtf8(bytes: Buffer, decoded: string = bytes.toString()): string {
  if (!decoded.includes(REPLACEMENT) || isUtf8(bytes)) return decoded;
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    const character = bytes.subarray(at, at + sequenceBytes(byte));
    if (isUtf8(character)) {
      text += character.toString();
      at += character.length;
    } else {
      text += String.fromCharCode(ESCAPE + byte);
      at++;
    }
  }
  return text;
}

/** The inverse of `decodeUtf8`. */
export function encodeUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  // Escaped bytes stand at odd places.
  const parts = text
    .split(ESCAPED)
    .map((part, index) => (index % 2 === 0 ? Buffer.from(part) : unescape(part)));
  return Buffer.concat(parts);
}

/** How long the character is that begins with this byte. */
function sequenceBytes(byte: number): number {
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

function unescape(escaped: string): Buffer {
  return Buffer.from(Array.from(escaped, (unit) => unit.charCodeAt(0) - ESCAPE));
}
