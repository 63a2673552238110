import {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  type ClientRequest,
  type FormattableRequest,
  type ProtocolVersion,
  type ServerMessage,
} from '@quietroom/protocol';
import { trimWhiteSpace } from '@quietroom/protocol/internals';
import { ConnectorError } from '../errors.js';
import type { RoomTracker } from '../rooms/roomTracker.js';
import type { Request } from './request.js';

/** The place of a chat message: a room, `undefined` for the lobby, or `unknown`. */
export type Place = { readonly room: string | undefined } | 'unknown';

export const LOBBY: Place = { room: undefined };

/** A request as it is sent, and as the server reads it. */
export interface Wording {
  readonly text: string;
  readonly meaning: ClientRequest;
}

/** The differences between server versions that a client has to know. */
export interface Dialect {
  readonly version: ProtocolVersion;
  /** True for messages that servers of this version send and others do not. */
  readonly isEvidence: (message: ServerMessage) => boolean;
  /** How the server reads a text. */
  readonly read: (text: string) => ClientRequest;
  /**
   * The server keeps a current room, to which all chat goes: a request about chat or members has to wait until
   * it is certain which room that is.
   */
  readonly hasCurrentRoom: boolean;
  /** Chat for a room, or for the lobby. @throws ConnectorError `NOT_IN_ROOM`, `NOT_SUPPORTED` */
  readonly chat: (room: string | undefined, text: string, rooms: RoomTracker) => FormattableRequest;
  /** The question for the members of a room or of `lobby`. @throws ConnectorError `NOT_SUPPORTED` */
  readonly members: (place: string, rooms: RoomTracker) => FormattableRequest;
  /** @throws ConnectorError `NOT_SUPPORTED` for a text that would be taken for something else */
  readonly assertSendable: (text: string) => void;
  /** The place of a message that does not name a room. */
  readonly placeOf: (rooms: RoomTracker) => Place;
}

const V1_2: Dialect = {
  version: '1.2',
  isEvidence: (message) =>
    message.type === 'room' ||
    message.type === 'members' ||
    (message.type === 'users' && message.place === undefined) ||
    (message.type === 'refusal' && (message.reason === 'membersUsage' || message.reason === 'notAMember')),
  read: (text) => parseClientRequest(text, '1.2'),
  hasCurrentRoom: false,
  chat: (room, text) =>
    room === undefined ? { type: 'lobby', text: guardChat(text) } : { type: 'room', room, text },
  members: (place) => ({ type: 'members', place }),
  assertSendable: () => {},
  placeOf: () => LOBBY,
};

const V1_1: Dialect = {
  version: '1.1',
  isEvidence: (message) =>
    (message.type === 'users' && message.place !== undefined) ||
    (message.type === 'refusal' && message.reason === 'unknownCommand' && message.word === '/members'),
  read: (text) => parseClientRequest(text, '1.1'),
  hasCurrentRoom: true,
  chat(room, text, rooms) {
    const { current } = rooms;
    // This server trims all chat; a 1.2 server keeps white space after the prefix of a room.
    if (room === current) return { type: 'lobby', text: guardChat(trimWhiteSpace(text)) };
    throw room !== undefined && !rooms.isIn(room) ? notInRoom(room) : notCurrent(room, current);
  },
  members(place, { current = 'lobby' }) {
    if (place === current) return { type: 'users' };
    throw notListed(place, current);
  },
  assertSendable(text) {
    if (V1_2.read(text).type === 'room') throw noRoomPrefix();
  },
  placeOf(rooms) {
    if (!rooms.isCertain) return 'unknown';
    const [only, ...more] = rooms.joined;
    // Without a current room the messages of the lobby and of all joined rooms arrive; with one, not the lobby's.
    if (only === undefined) return LOBBY;
    return rooms.current !== undefined && more.length === 0 ? { room: only } : 'unknown';
  },
};

/** The newest first. */
export const DIALECTS: readonly [Dialect, ...Dialect[]] = [V1_2, V1_1];

/** The dialect that a message is evidence of. */
export function dialectBehind(message: ServerMessage): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.isEvidence(message));
}

/** @throws ConnectorError `NOT_IN_ROOM`, `NOT_SUPPORTED` */
export function wordingIn(dialect: Dialect, request: Request, rooms: RoomTracker): Wording {
  switch (request.type) {
    case 'chat':
      return wordingOf(dialect.chat(request.room, request.text, rooms));
    case 'members':
      return wordingOf(dialect.members(request.place, rooms));
    case 'raw':
      dialect.assertSendable(request.text);
      return { text: request.text, meaning: dialect.read(request.text) };
    default:
      return wordingOf(request);
  }
}

/** The wording for a server of unknown version; undefined where it depends on the version. */
export function wordingInAny(request: Request, rooms: RoomTracker): Wording | undefined {
  switch (request.type) {
    case 'chat':
      if (request.room !== undefined || rooms.joined.length > 0 || !rooms.isCertain) return undefined;
      return wordingOf({ type: 'lobby', text: guardChat(request.text) });
    case 'members':
      return undefined;
    case 'raw':
      return request.isReadAlike ? { text: request.text, meaning: request.meaning } : undefined;
    default:
      return wordingOf(request);
  }
}

function wordingOf(request: FormattableRequest): Wording {
  return { text: formatClientRequest(request), meaning: request };
}

function notInRoom(room: string): ConnectorError {
  return new ConnectorError(
    'NOT_IN_ROOM',
    `This message was meant for ${room}, but you are not in it. It was not sent. Join the room first.`,
    { room },
  );
}

function notCurrent(room: string | undefined, current: string | undefined): ConnectorError {
  const wanted = room ?? 'the lobby';
  const goes = current ?? 'the lobby';
  const remedy =
    room === undefined ? `Leave ${goes} first` : `Join ${wanted} again to make it the current room`;
  return new ConnectorError(
    'NOT_SUPPORTED',
    `A 1.1 server sends chat only to the room joined last, which is now ${goes}: this message for ${wanted} was not sent. ${remedy}, or use a 1.2 server.`,
    room === undefined ? {} : { room },
  );
}

function notListed(place: string, current: string): ConnectorError {
  const remedy = place === 'lobby' ? `Leave ${current}` : `Join ${place}`;
  return new ConnectorError(
    'NOT_SUPPORTED',
    `A 1.1 server lists only the members of the current place, which is ${current}, not those of ${place}. ${remedy} first, or use a 1.2 server.`,
    { room: place },
  );
}

function noRoomPrefix(): ConnectorError {
  return new ConnectorError(
    'NOT_SUPPORTED',
    'A 1.1 server takes [#room] for part of the text, which would go to its current room or to everyone. It was not sent. Use sendRoomMessage().',
  );
}
