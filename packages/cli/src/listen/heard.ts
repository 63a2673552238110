import type { MessageEvent } from 'quietroom-connector';

/** What can be listened for. */
export const HEARD_TYPES = ['dm', 'room', 'lobby', 'presence', 'system'] as const;
export type HeardType = (typeof HEARD_TYPES)[number];

/** A message as `--json` prints it. */
export interface Heard {
  readonly v: 1;
  readonly type: HeardType;
  readonly sender: string | null;
  readonly room: string | null;
  readonly change: 'joined' | 'left' | null;
  readonly text: string;
  readonly own: boolean;
  readonly time: string | null;
  readonly receivedAt: string;
}

/** The fields of `--json`, and what they say. */
export const HEARD_FIELDS: Readonly<Record<keyof Heard, string>> = {
  v: 'version of this format: 1',
  type: '"dm": a direct message; "room"; "lobby": to everyone; "presence": somebody joined or left; "system": any other text of the server',
  sender: 'who wrote it, or who joined or left; null for "system"',
  room: 'the room, "" where a 1.1 server does not let it be known; null outside rooms',
  change: '"joined" or "left" for "presence", else null',
  text: 'the text, as it was written; it can hold anything, line breaks and controls too',
  own: 'true when it is from the very name that listens',
  time: "HH:MM:SS by the server's clock, for rooms and the lobby, else null",
  receivedAt: 'when it arrived here, as 2026-01-31T12:34:56.789Z',
};

/** A message of the server; undefined for answers to what we asked, and our own coming and going. */
export function heardOf(event: MessageEvent): Heard | undefined {
  const { text, own } = event;
  const common = { text, own, receivedAt: event.receivedAt.toISOString() };
  switch (event.type) {
    case 'answer':
      return undefined;
    case 'dm':
      return { v: 1, type: 'dm', sender: event.sender, room: null, change: null, time: null, ...common };
    case 'room':
    case 'lobby': {
      const { type, sender, time } = event;
      return { v: 1, type, sender, room: type === 'room' ? event.room : null, change: null, time, ...common };
    }
    case 'presence': {
      const { sender, change, room = null } = event;
      return own ? undefined : { v: 1, type: 'presence', sender, room, change, time: null, ...common };
    }
    case 'system':
      return { v: 1, type: 'system', sender: null, room: null, change: null, time: null, ...common };
  }
}

/** A message as a person reads it; not yet safe for a terminal. */
export function heardLine(heard: Heard): string {
  const time = new Date(heard.receivedAt).toTimeString().slice(0, 8);
  return `${time} ${withoutTime(heard)}`;
}

function withoutTime({ type, sender, room, change, text }: Heard): string {
  switch (type) {
    case 'dm':
      return `[dm] ${sender}: ${text}`;
    case 'room':
      return `[${room || 'room'}] ${sender}: ${text}`;
    case 'lobby':
      return `[lobby] ${sender}: ${text}`;
    case 'presence':
      return `* ${sender} ${change}${room === null ? '' : ` ${room}`}`;
    case 'system':
      return `* ${text}`;
  }
}

/** The variables of `--exec`, and what they say; what a message does not have is empty. */
export const HEARD_VARIABLES = {
  QUIETROOM_TYPE: 'type',
  QUIETROOM_SENDER: 'sender',
  QUIETROOM_ROOM: 'room',
  QUIETROOM_CHANGE: 'change',
  QUIETROOM_TEXT: 'text',
  QUIETROOM_TIME: 'time',
  QUIETROOM_RECEIVED_AT: 'receivedAt',
} as const satisfies Readonly<Record<string, keyof Heard>>;

/** A message as variables. They cannot hold NUL, which becomes U+FFFD. */
export function heardEnvironment(heard: Heard): Record<string, string> {
  return Object.fromEntries(
    Object.entries(HEARD_VARIABLES).map(([name, field]) => [
      name,
      (heard[field] ?? '').replaceAll('\0', '\ufffd'),
    ]),
  );
}
