import { unguardChat, type ServerMessage } from '@quietroom/protocol';
import { Callbacks } from '@quietroom/protocol/internals';
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

/** The event of one type, such as `MessageEventOf<'dm'>`. */
export type MessageEventOf<T extends MessageEvent['type']> = Extract<MessageEvent, { type: T }>;

/** The arguments of the callbacks for each type of event. */
export interface EventArguments {
  dm: [sender: string, message: string, event: DmEvent];
  room: [room: string, sender: string, message: string, event: RoomMessageEvent];
  lobby: [sender: string, message: string, event: LobbyMessageEvent];
  presence: [name: string, change: 'joined' | 'left', event: PresenceEvent];
  system: [text: string, event: SystemEvent];
}

/** The callbacks for each type of event. */
export type EventCallbacks = { readonly [K in keyof EventArguments]: Callbacks<EventArguments[K]> };

export function makeEventCallbacks(report: (error: unknown) => void): EventCallbacks {
  return {
    dm: new Callbacks(report),
    room: new Callbacks(report),
    lobby: new Callbacks(report),
    presence: new Callbacks(report),
    system: new Callbacks(report),
  };
}

/** Calls the callbacks for the type of an event; there are none for answers, and those for offers are called elsewhere. */
export function callEventCallbacks(callbacks: EventCallbacks, event: MessageEvent): void {
  switch (event.type) {
    case 'dm':
      return callbacks.dm.call(event.sender, event.text, event);
    case 'room':
      return callbacks.room.call(event.room, event.sender, event.text, event);
    case 'lobby':
      return callbacks.lobby.call(event.sender, event.text, event);
    case 'presence':
      return callbacks.presence.call(event.sender, event.change, event);
    case 'system':
      return callbacks.system.call(event.text, event);
    case 'fileOffer':
    case 'answer':
      return;
  }
}

/** The types of the events that a message can become, as far as there are callbacks for them. */
export function callbackTypesOf(
  { type }: ServerMessage,
  isAnswer: boolean,
): readonly (keyof EventArguments)[] {
  return CALLBACK_TYPES[type] ?? (isAnswer ? NONE : SYSTEM);
}

const NONE = [] as const;
const SYSTEM = ['system'] as const;
// On a 1.1 server, the message of a room looks like one of the lobby.
const CHAT = ['room', 'lobby'] as const;
const PRESENCE = ['presence'] as const;

const CALLBACK_TYPES: {
  readonly [T in ServerMessage['type']]?: readonly (keyof EventArguments)[];
} = {
  dm: ['dm'],
  room: CHAT,
  lobby: CHAT,
  joined: PRESENCE,
  left: PRESENCE,
  roomJoined: PRESENCE,
  roomLeft: PRESENCE,
  fileOffer: NONE,
};

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
