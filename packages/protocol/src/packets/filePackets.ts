import { FRAGMENT_BYTES } from './padding.js';
import { HEADER_BYTES, MAX_CLIENT_DATA_BYTES, SEAL_BYTES } from './packetFormat.js';

/**
 * A transfer is a series of file packets, whose plaintexts are:
 *
 * | plaintext                            | what                                        |
 * |--------------------------------------|---------------------------------------------|
 * | `FILE_START\|NAME\|SIZE`             | from the sender; SIZE in bytes, decimal     |
 * | `FILE_START\|NAME\|SIZE\|SHA256HEX`  | the same, from the server to the recipient  |
 * | anything else                        | the next bytes of the file                  |
 * | `FILE_END`                           | the end                                     |
 *
 * Packets do not name their transfer.
 */
export interface FileStart {
  readonly name: string;
  /** Bytes; NaN when it is not a whole number. */
  readonly size: number;
  /** Lower case; undefined when absent. */
  readonly sha256: string | undefined;
}

const START = 'FILE_START|';
const END = 'FILE_END';

/** Size and hash are parsed from the end: a bar in the name does not move them. */
const START_PATTERN = /^FILE_START\|([^]*?)\|([^|]*)(?:\|([0-9a-fA-F]{64}))?$/;

/** The largest chunk that every client accepts and that fills its cells. */
export const FILE_CHUNK_BYTES =
  MAX_CLIENT_DATA_BYTES - (MAX_CLIENT_DATA_BYTES % FRAGMENT_BYTES.uniform) - 1 - HEADER_BYTES - SEAL_BYTES;

export const FILE_END_PACKET: Uint8Array = Buffer.from(END);

/** The first packet of a transfer. The name holds no bar. */
export function formatFileStart({ name, size, sha256 }: FileStart): Uint8Array {
  return Buffer.from(`${START}${name}|${size}${sha256 === undefined ? '' : `|${sha256}`}`);
}

/** Reads the first packet of a transfer; undefined when it is something else. */
export function parseFileStart(packet: Uint8Array): FileStart | undefined {
  if (!beginsWith(packet, START, 0)) return undefined;
  const [, name = '', size = '', sha256] = START_PATTERN.exec(Buffer.from(packet).toString('utf8')) ?? [];
  return { name, size: /^\+?\d{1,15}$/.test(size) ? Number(size) : NaN, sha256: sha256?.toLowerCase() };
}

/**
 * True for the end of a transfer. With white space around the word, only when all announced bytes
 * have arrived (`isComplete`); before that it is content of a sender that cuts anywhere.
 */
export function isFileEnd(packet: Uint8Array, isComplete: boolean): boolean {
  if (packet.length === END.length) return beginsWith(packet, END, 0);
  return isComplete && isMarked(packet, END);
}

/**
 * The length of the next chunk, at most `limit`; shorter where it would look like the
 * start or the end of a transfer. At least 1 for a non-empty rest.
 */
export function chunkLength(bytes: Uint8Array, limit: number = FILE_CHUNK_BYTES): number {
  const chunk = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  const first = firstVisible(chunk);
  // After this byte, neither half begins with a marker or is one.
  const inside = first + END.length / 2;
  if (beginsWith(chunk, START, first) || isMarked(chunk, END)) return inside;
  return chunk.length;
}

/** True for the word with anything around it that a reader could take for white space. */
function isMarked(packet: Uint8Array, word: string): boolean {
  const first = firstVisible(packet);
  if (!beginsWith(packet, word, first)) return false;
  for (let at = first + word.length; at < packet.length; at++) if (isVisible(packet[at])) return false;
  return true;
}

function firstVisible(packet: Uint8Array): number {
  let at = 0;
  while (at < packet.length && !isVisible(packet[at])) at++;
  return at;
}

/** Bytes that no reader trims. */
function isVisible(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x20 && byte < 0x7f;
}

function beginsWith(packet: Uint8Array, word: string, from: number): boolean {
  if (packet.length < from + word.length) return false;
  for (let at = 0; at < word.length; at++) if (packet[from + at] !== word.charCodeAt(at)) return false;
  return true;
}
