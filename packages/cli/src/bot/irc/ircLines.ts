import { plainText } from './formatting.js';

/** An IRC line has 512 bytes with CR LF. */
const MAX_LINE_BYTES = 510;

/**
 * What a server puts before a line that it passes on: `:nick!user@host `. The host of the bridge is not known to it, so
 * the longest that servers use.
 */
const MAX_PREFIX_BYTES = 1 + 1 + 12 + 1 + 64 + 1;

/** Room for the mark before a message that is sent again, and for CTCP ACTION. */
const RESERVED_BYTES = 20;

/** All line ends of Unicode. */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

/** Made when it is first needed, for it is slow to make. */
let graphemes: Intl.Segmenter | undefined;

/** The bytes of a text in one line to a channel, from a nick of so many bytes. */
export function lineCapacity(channel: string, nickBytes: number): number {
  const before = MAX_PREFIX_BYTES + nickBytes + Buffer.byteLength(`PRIVMSG ${channel} :`);
  return MAX_LINE_BYTES - before - RESERVED_BYTES;
}

/**
 * A text of the chat as lines for IRC, each with the prefix and of `capacity` bytes at most: cut between words where
 * possible, otherwise between graphemes. More than `maxLines` are left out; the last line tells how many.
 */
export function ircLines(prefix: string, text: string, capacity: number, maxLines: number): string[] {
  const room = capacity - Buffer.byteLength(prefix);
  const lines = text
    .split(LINE_BREAK)
    .map(plainText)
    .filter((line) => line !== '')
    .flatMap((line) => piecesOf(line, room));
  const kept = lines.length > maxLines ? lines.slice(0, maxLines - 1) : lines;
  if (kept.length < lines.length) kept.push(`(${lines.length - kept.length} more lines)`);
  return kept.map((line) => prefix + line);
}

function piecesOf(line: string, room: number): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (Buffer.byteLength(rest) > room) {
    const start = startOf(rest, room);
    const blank = start.lastIndexOf(' ');
    // A word that takes most of a line is cut.
    const end = blank > start.length / 2 ? blank : start.length;
    pieces.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? pieces : [...pieces, rest];
}

/** The longest start of whole graphemes; of whole characters if the first grapheme is too long. */
function startOf(text: string, maxBytes: number): string {
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  // A byte holds at most one code unit.
  const possible = text.slice(0, maxBytes + 1);
  for (const parts of [
    Array.from(graphemes.segment(possible), ({ segment }) => segment),
    Array.from(possible),
  ]) {
    let bytes = 0;
    let end = 0;
    for (const part of parts) {
      bytes += Buffer.byteLength(part);
      if (bytes > maxBytes) break;
      end += part.length;
    }
    if (end > 0) return text.slice(0, end);
  }
  return text.slice(0, 1);
}
