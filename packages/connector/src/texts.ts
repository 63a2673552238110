import {
  formatServerMessage,
  guardChat,
  isRecipient,
  isRoomName,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  parseClientRequest,
  splitWords,
  trimWhiteSpace,
  type ServerMessage,
} from '@quietroom/protocol';
import { ConnectorError } from './errors.js';

/** Longer room names leave too little of a packet to the lists and messages that hold them. */
const MAX_ROOM_BYTES = 255;

/** What servers look at of a password. */
const MAX_PASSWORD_BYTES = 72;

/** As long as any time that a server writes. */
const ANY_TIME = '00:00:00';

/** @throws ConnectorError `RECIPIENT_INVALID` */
export function assertRecipient(recipient: string): void {
  assertString('recipient', recipient);
  if (isRecipient(recipient)) return;
  throw new ConnectorError(
    'RECIPIENT_INVALID',
    `${JSON.stringify(recipient)} cannot be sent a direct message: a recipient is 1 to 32 of A-Z a-z 0-9 _ - . without blanks. A server would read a blank as the end of the name.`,
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

/** @throws ConnectorError `PASSWORD_INVALID` */
export function assertPassword(password: string): void {
  assertString('password', password);
  if (splitWords(password).join(' ') !== password || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw new ConnectorError(
      'PASSWORD_INVALID',
      `Servers would read another password: they take at most ${MAX_PASSWORD_BYTES} bytes, no white space at its ends, and single blanks between words.`,
    );
  }
}

/**
 * The text of a direct message, as it is to be sent.
 *
 * @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
 */
export function sendableDm(text: string, username: string): string {
  return sendable(text, (trimmed) => ({ type: 'dm', name: username, text: trimmed }));
}

/**
 * The text of chat for a room, or for the lobby when there is none, as it is to be sent.
 *
 * @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
 */
export function sendableChat(text: string, username: string, room: string | undefined): string {
  return sendable(text, (trimmed) =>
    room === undefined
      ? { type: 'lobby', time: ANY_TIME, name: username, text: guardChat(trimmed) }
      : { type: 'room', time: ANY_TIME, room, name: username, text: guardChat(trimmed) },
  );
}

/**
 * A command, with the text in it within the limits of the call that sends such text.
 *
 * @throws ConnectorError `COMMAND_INVALID`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `ROOM_NAME_INVALID`
 */
export function assertCommand(command: string, username: string): void {
  assertString('command', command);
  const request = parseClientRequest(command);
  switch (request.type) {
    case 'empty':
      throw empty();
    case 'lobby':
      throw new ConnectorError(
        'COMMAND_INVALID',
        'This is no command: it begins neither with / nor with [#room] and a text, so that everyone would get it. Send chat by sendMessage.',
      );
    case 'dm':
      sendableDm(request.text, username);
      break;
    case 'room':
      sendableChat(request.text, username, request.room);
      break;
    case 'join':
      if (isRoomName(request.room)) assertRoom(request.room);
      break;
    default:
      break;
  }
  const bytes = Buffer.byteLength(command);
  if (bytes > MAX_PLAINTEXT_BYTES) throw tooLong(bytes, MAX_PLAINTEXT_BYTES, 'A server drops longer ones.');
}

/** The text without the white space that servers trim, checked with the prefix that they put before it. */
function sendable(text: string, relayed: (trimmed: string) => ServerMessage): string {
  assertString('text', text);
  const trimmed = trimWhiteSpace(text);
  if (trimmed === '') throw empty();
  const excess = Buffer.byteLength(formatServerMessage(relayed(trimmed))) - MAX_CLIENT_TEXT_BYTES;
  if (excess > 0) {
    const bytes = Buffer.byteLength(trimmed);
    throw tooLong(bytes, bytes - excess, 'Longer texts would disconnect 1.x clients that receive them.');
  }
  return trimmed;
}

/** Callers in JavaScript can pass anything. */
function assertString(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`The ${what} must be a string, not ${typeof value}.`);
}

function empty(): ConnectorError {
  return new ConnectorError(
    'MESSAGE_EMPTY',
    'A text of nothing but white space cannot be sent: servers ignore it.',
  );
}

function tooLong(bytes: number, limit: number, why: string): ConnectorError {
  return new ConnectorError(
    'MESSAGE_TOO_LONG',
    `This text has ${bytes} bytes; at most ${limit} can be sent here. ${why} Send it in parts.`,
  );
}
