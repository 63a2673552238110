import {
  formatServerMessage,
  isRecipient,
  isRoomName,
  MAX_CLIENT_TEXT_BYTES,
  MAX_PLAINTEXT_BYTES,
  parseClientRequest,
  trimWhiteSpace,
  type ServerMessage,
} from '@quietroom/protocol';
import { ConnectorError } from './errors.js';

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
export function assertRoom(room: string, username: string): void {
  assertString('room', room);
  if (!isRoomName(room)) {
    throw new ConnectorError(
      'ROOM_NAME_INVALID',
      `${JSON.stringify(room)} is no room name: it begins with # and holds no white space, as in #general.`,
    );
  }
  const announcement: ServerMessage = { type: 'roomJoined', name: username, room };
  if (Buffer.byteLength(formatServerMessage(announcement)) > MAX_CLIENT_TEXT_BYTES) {
    throw new ConnectorError(
      'ROOM_NAME_INVALID',
      `A room name of ${Buffer.byteLength(room)} bytes would disconnect other clients; choose a shorter one.`,
    );
  }
}

/** @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG` */
export function assertDmText(text: string, username: string): void {
  assertSendable(text, (trimmed) => ({ type: 'dm', name: username, text: trimmed }));
}

/**
 * Chat for a room, or for the lobby when there is none.
 *
 * @throws ConnectorError `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
 */
export function assertChatText(text: string, username: string, room: string | undefined): void {
  assertSendable(text, (trimmed) =>
    room === undefined
      ? { type: 'lobby', time: ANY_TIME, name: username, text: trimmed }
      : { type: 'room', time: ANY_TIME, room, name: username, text: trimmed },
  );
}

/**
 * A command, with the text in it within the limits of the call that sends such text.
 *
 * @throws ConnectorError `COMMAND_INVALID`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`
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
      assertDmText(request.text, username);
      break;
    case 'room':
      assertChatText(request.text, username, request.room);
      break;
    default:
      break;
  }
  const bytes = Buffer.byteLength(command);
  if (bytes > MAX_PLAINTEXT_BYTES) throw tooLong(bytes, MAX_PLAINTEXT_BYTES, 'A server drops longer ones.');
}

/** Checks a text together with the prefix that the server will put before it. */
function assertSendable(text: string, relayed: (trimmed: string) => ServerMessage): void {
  assertString('text', text);
  const trimmed = trimWhiteSpace(text);
  if (trimmed === '') throw empty();
  const excess = Buffer.byteLength(formatServerMessage(relayed(trimmed))) - MAX_CLIENT_TEXT_BYTES;
  if (excess > 0) {
    const bytes = Buffer.byteLength(trimmed);
    throw tooLong(bytes, bytes - excess, 'Longer texts would disconnect 1.x clients that receive them.');
  }
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
