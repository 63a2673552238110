import { unguardChat, type ServerMessage } from '@quietroom/protocol';
import type { Placed } from '../requests/requestTracker.js';

interface Common {
  /** The text as the server sent it, with its prefix. */
  readonly raw: string;
  /** When it arrived here. */
  readonly receivedAt: Date;
  /** Whether it was sent by this connector, or is about it. */
  readonly own: boolean;
}

/** A direct message to this connector. */
export interface DmEvent extends Common {
  readonly type: 'dm';
  readonly sender: string;
  readonly text: string;
}

/** A message in a room. */
export interface RoomMessageEvent extends Common {
  readonly type: 'room';
  /** Empty if unknown: a 1.1 server does not name it, and this connector is in several rooms. */
  readonly room: string;
  readonly sender: string;
  readonly text: string;
  /** `HH:MM:SS` by the server's clock. */
  readonly time: string;
}

/** A message in the lobby. */
export interface LobbyMessageEvent extends Common {
  readonly type: 'lobby';
  readonly sender: string;
  readonly text: string;
  /** `HH:MM:SS` by the server's clock. */
  readonly time: string;
}

/** A user joined or left the server or a room. */
export interface PresenceEvent extends Common {
  readonly type: 'presence';
  readonly change: 'joined' | 'left';
  readonly sender: string;
  /** Undefined: the server itself. */
  readonly room: string | undefined;
  readonly text: string;
}

/** The server's answer to a call of this connector. */
export interface AnswerEvent extends Common {
  readonly type: 'answer';
  readonly text: string;
}

/** A user offers a file. The offer itself goes to `onFileOffer`. */
export interface FileOfferEvent extends Common {
  readonly type: 'fileOffer';
  readonly sender: string;
  /** As the sender wrote it: escape it before display, and never use it as a path. */
  readonly name: string;
  /** In hex. */
  readonly sha256: string;
  readonly id: string;
  readonly text: string;
}

/** Any other text of the server, such as the shutdown notice. */
export interface SystemEvent extends Common {
  readonly type: 'system';
  readonly text: string;
}

/** A parsed text from the server. */
export type MessageEvent =
  DmEvent | RoomMessageEvent | LobbyMessageEvent | PresenceEvent | FileOfferEvent | AnswerEvent | SystemEvent;

/** The event of a message; `username` is our own name. */
export function messageEvent(
  raw: string,
  message: ServerMessage,
  { isAnswer, place }: Placed,
  username: string,
): MessageEvent {
  const receivedAt = new Date();
  switch (message.type) {
    case 'dm': {
      const { name: sender, text } = message;
      return { type: 'dm', sender, text, raw, receivedAt, own: sender === username };
    }
    case 'room':
    case 'lobby': {
      const { name: sender, time } = message;
      const text = unguardChat(message.text);
      const own = sender === username;
      const room = place === 'unknown' ? '' : place.room;
      if (room === undefined) return { type: 'lobby', sender, text, time, raw, receivedAt, own };
      return { type: 'room', room, sender, text, time, raw, receivedAt, own };
    }
    case 'joined':
    case 'left':
    case 'roomJoined':
    case 'roomLeft': {
      const change = message.type === 'joined' || message.type === 'roomJoined' ? 'joined' : 'left';
      const { name: sender } = message;
      const room = 'room' in message ? message.room : undefined;
      return { type: 'presence', change, sender, room, text: raw, raw, receivedAt, own: sender === username };
    }
    case 'fileOffer': {
      const { name: sender, file: name, sha256, id } = message;
      return { type: 'fileOffer', sender, name, sha256, id, text: raw, raw, receivedAt, own: false };
    }
    default:
      return { type: isAnswer ? 'answer' : 'system', text: raw, raw, receivedAt, own: false };
  }
}
