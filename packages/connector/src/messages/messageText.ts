import {
  formatServerMessage,
  guardChat,
  isRecipient,
  isRoomName,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  parseClientRequest,
  type ServerMessage,
} from '@quietroom/protocol';
import { MAX_NAME_BYTES, MAX_PASSWORD_BYTES } from '@quietroom/protocol/constants';
import { isWhiteSpace, joinWords, MAX_CELL_TEXT_BYTES, trimWhiteSpace } from '@quietroom/protocol/internals';
import { ConnectorError } from '../errors.js';
import { splitText } from './splitText.js';

/** Longer room names leave too little room in a packet for lists and messages. */
const MAX_ROOM_BYTES = 255;

/** As long as the time in any message. */
const ANY_TIME = '00:00:00';

/** The longest name that a user can have. */
const ANY_NAME = 'x'.repeat(MAX_NAME_BYTES);

/** A command is never split. */
const ONE_MESSAGE: TextOptions = { split: false, maxParts: 1, newlines: 'collapse' };

/** @throws ConnectorError `RECIPIENT_INVALID` */
export function assertRecipient(recipient: string): void {
  assertString('recipient', recipient);
  if (isRecipient(recipient)) return;
  throw new ConnectorError(
    'RECIPIENT_INVALID',
    `${JSON.stringify(recipient)} cannot be sent a direct message: a recipient is 1 to ${MAX_NAME_BYTES} of A-Z a-z 0-9 _ - . without blanks. A server would read a blank as the end of the name.`,
  );
}

/** @throws ConnectorError `ROOM_NAME_INVALID` */
export function assertRoom(room: string): void {
  assertString('room', room);
  const bytes = Buffer.from(room);
  if (!isRoomName(room) || bytes.toString() !== room) {
    throw new ConnectorError(
      'ROOM_NAME_INVALID',
      `${JSON.stringify(room)} is no room name: it begins with # and holds no white space, as in #general.`,
    );
  }
  if (bytes.length > MAX_ROOM_BYTES) {
    throw new ConnectorError(
      'ROOM_NAME_INVALID',
      `A room name of ${bytes.length} bytes is too long: at most ${MAX_ROOM_BYTES} can be used. Lists of long names disconnect 1.x clients.`,
    );
  }
}

/** Accepts a room or `lobby`; throws as `assertRoom`. */
export function assertPlace(place: string): void {
  if (place !== 'lobby') assertRoom(place);
}

/** @throws ConnectorError `PASSWORD_INVALID` */
export function assertPassword(password: string): void {
  assertString('password', password);
  const isReadAlike = joinWords(password) === password && password.isWellFormed();
  if (!isReadAlike || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw new ConnectorError(
      'PASSWORD_INVALID',
      `Servers would read another password: they take at most ${MAX_PASSWORD_BYTES} bytes of valid Unicode, no white space at its ends, and single blanks between words.`,
    );
  }
}

/** How a text becomes one or more messages. */
export interface TextOptions {
  /** Split a text that is too long for one message; otherwise reject it. */
  readonly split: boolean;
  /** A text that needs more messages is rejected. */
  readonly maxParts: number;
  /** How to send the lines of a direct message: servers remove line breaks. */
  readonly newlines: Newlines;
}

/** `collapse`: lines are joined with spaces, as servers do; `split`: each line is its own message. */
export type Newlines = 'collapse' | 'split';

/**
 * The parts of a direct message. With the server's prefix, no part is longer than `limitBytes`; default: what 1.x
 * clients accept. `username` is the longest name that the sender may have.
 *
 * @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
 */
export function dmParts(
  text: string,
  username: string,
  options: TextOptions,
  limitBytes = MAX_CLIENT_TEXT_BYTES,
): string[] {
  const isPlain = isCollapsed(text);
  if (isPlain && isShort(text, limitBytes)) return [wellFormed(text)];
  // Of the request, the echo and the message, none is longer than the message of the longest name.
  const name = limitBytes < MAX_CLIENT_TEXT_BYTES ? ANY_NAME : username;
  const relayed = (part: string): ServerMessage => ({ type: 'dm', name, text: part });
  if (isPlain) return parts([wellFormed(text)], relayed, options, limitBytes);
  const lines = options.newlines === 'split' ? wellFormed(text).split(LINE_BREAK) : [wellFormed(text)];
  // Servers relay it in this form.
  const collapsed = lines.map((line) => joinWords(line)).filter((line) => line !== '');
  return parts(collapsed, relayed, options, limitBytes);
}

/**
 * The parts of a chat message for a room, or for the lobby if `room` is undefined; as `dmParts`.
 *
 * @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
 */
export function chatParts(
  text: string,
  username: string,
  room: string | undefined,
  options: TextOptions,
  limitBytes = MAX_CLIENT_TEXT_BYTES,
): string[] {
  const relayed = (part: string): ServerMessage =>
    room === undefined
      ? { type: 'lobby', time: ANY_TIME, name: username, text: guardChat(part) }
      : { type: 'room', time: ANY_TIME, room, name: username, text: guardChat(part) };
  const given = wellFormed(text);
  const trimmed = trimWhiteSpace(given);
  if (trimmed === '') throw empty();
  // A server keeps the white space after the prefix of a room, and no other at the ends.
  const start = room === undefined ? given.indexOf(trimmed) : 0;
  return parts([given.slice(start, given.indexOf(trimmed) + trimmed.length)], relayed, options, limitBytes);
}

/**
 * Checks a command, which must not be longer than `limitBytes`. The text in it has the limits of the call that sends such text.
 *
 * @throws ConnectorError `COMMAND_INVALID`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `ROOM_NAME_INVALID`
 */
export function assertCommand(command: string, username: string, limitBytes = MAX_PLAINTEXT_BYTES): void {
  assertString('command', command);
  const request = parseClientRequest(command);
  const messageBytes = Math.min(limitBytes, MAX_CLIENT_TEXT_BYTES);
  switch (request.type) {
    case 'empty':
      throw empty();
    case 'lobby':
      throw new ConnectorError(
        'COMMAND_INVALID',
        'This is no command: it begins neither with / nor with [#room] and a text, so that everyone would get it. Send chat by sendMessage.',
      );
    case 'dm':
      dmParts(request.text, username, ONE_MESSAGE, messageBytes);
      break;
    case 'room':
      chatParts(request.text, username, request.room, ONE_MESSAGE, messageBytes);
      break;
    case 'join':
      if (isRoomName(request.room)) assertRoom(request.room);
      break;
    case 'file':
    case 'accept':
    case 'decline':
      throw new ConnectorError(
        'COMMAND_INVALID',
        'A command cannot send or take the packets of a file. Use sendFile(), and the offers that onFileOffer tells of.',
      );
    default:
      break;
  }
  const bytes = Buffer.byteLength(command);
  if (bytes > limitBytes) {
    throw tooLong(
      bytes,
      limitBytes,
      limitBytes < MAX_PLAINTEXT_BYTES ? NO_CELL : 'A server drops longer ones.',
    );
  }
}

const NO_CELL = 'In steady mode, each message takes one cell.';

/** All line ends of Unicode. */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

/** The length of the prefix that `guardChat` can add. */
const GUARD_BYTES = 3;

/** Longer than any prefix of a server. */
const MAX_PREFIX_BYTES = 512;

/** Whether the words are separated by single spaces, as in most texts. */
function isCollapsed(text: string): boolean {
  assertString('text', text);
  let isAfterBlank = true;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isBlank = code === 0x20;
    if ((isBlank && isAfterBlank) || (!isBlank && isWhiteSpace(code))) return false;
    isAfterBlank = isBlank;
  }
  return !isAfterBlank;
}

function parts(
  texts: readonly string[],
  relayed: (part: string) => ServerMessage,
  { split, maxParts }: TextOptions,
  limitBytes: number,
): string[] {
  const [first, ...others] = texts;
  if (first === undefined) throw empty();
  if (others.length === 0 && isShort(first, limitBytes)) return [first];
  const bytesOf = (part: string): number => Buffer.byteLength(formatServerMessage(relayed(part)));
  const limit = limitBytes - bytesOf('');
  const all = texts.flatMap((text) => {
    const excess = bytesOf(text) - limitBytes;
    if (excess <= 0) return [text];
    const bytes = Buffer.byteLength(text);
    if (!split) {
      const why =
        limitBytes < MAX_CLIENT_TEXT_BYTES
          ? NO_CELL
          : 'Longer texts would disconnect 1.x clients that receive them.';
      throw tooLong(bytes, bytes - excess, why);
    }
    return splitText(text, limit - GUARD_BYTES, maxParts);
  });
  if (all.length > maxParts) throw tooManyParts(maxParts);
  return all;
}

/** Replaces lone surrogates, which UTF-8 cannot represent, with U+FFFD. */
function wellFormed(text: string): string {
  assertString('text', text);
  return text.toWellFormed();
}

/** Whether a text surely fits into one message: a UTF-16 code unit takes at most three bytes in UTF-8. */
function isShort(text: string, limitBytes: number): boolean {
  return text.length * 3 <= limitBytes - MAX_PREFIX_BYTES;
}

/** Types are not checked in JavaScript. */
function assertString(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`The ${what} must be a string, not ${typeof value}.`);
}

function empty(): ConnectorError {
  return new ConnectorError('MESSAGE_EMPTY', 'A text of only white space cannot be sent: servers ignore it.');
}

/** The error for a request that takes more than one cell, which the call that made it did not see. */
export function tooLongForCell(bytes: number): ConnectorError {
  return tooLong(bytes, MAX_CELL_TEXT_BYTES, NO_CELL);
}

function tooLong(bytes: number, limit: number, why: string): ConnectorError {
  return new ConnectorError(
    'MESSAGE_TOO_LONG',
    `This text has ${bytes} bytes; at most ${limit} can be sent here. ${why} Send it in parts.`,
    { limit },
  );
}

function tooManyParts(limit: number): ConnectorError {
  return new ConnectorError(
    'MESSAGE_TOO_LONG',
    `This text needs more than ${limit} messages. Shorten it, or raise maxParts.`,
    { option: 'maxParts', limit },
  );
}
