import type { MessageEvent, ReceivedFile } from 'quietroom-connector';
import type { EventOf } from '../daemon/protocol/events.js';
import type { ClientOffer } from '../daemon/client/clientConnector.js';

/** The types that `--type` selects. */
export const RECEIVED_TYPES = ['dm', 'room', 'lobby', 'file', 'presence', 'system'] as const;
export type ReceivedType = (typeof RECEIVED_TYPES)[number];

/** An offered file and its outcome. */
export interface ReceivedFileFacts {
  readonly status: 'received' | 'declined' | 'failed';
  readonly sha256: string;
  readonly bytes: number | null;
  readonly path: string | null;
  readonly error: string | null;
}

/** A message as `--json` prints it. */
export interface Received {
  readonly v: 1;
  readonly type: ReceivedType;
  readonly sender: string | null;
  readonly room: string | null;
  readonly change: 'joined' | 'left' | null;
  readonly text: string;
  readonly own: boolean;
  readonly time: string | null;
  readonly receivedAt: string;
  readonly file: ReceivedFileFacts | null;
}

/** The fields of `--json` and their meaning. */
export const RECEIVED_FIELDS: Readonly<Record<keyof Received, string>> = {
  v: 'version of this format: 1',
  type: '"dm": a direct message; "room"; "lobby": to everyone; "file": a file was offered; "presence": somebody joined or left; "system": any other text of the server',
  sender: 'who wrote it, or who joined or left; null for "system"',
  room: 'the room, "" where a 1.1 server does not let it be known; null outside rooms',
  change: '"joined" or "left" for "presence", else null',
  text: 'the text, as it was written, or the name of the file, made safe; it can hold anything, line breaks and controls too',
  own: 'true when it is from the very name that listens',
  time: "HH:MM:SS by the server's clock, for rooms and the lobby, else null",
  receivedAt: 'when it arrived here, as 2026-01-31T12:34:56.789Z',
  file: 'null, but for "file": {status, sha256, bytes, path, error}; status is "received", "declined" as there is no --accept-files, or "failed"; bytes and path are null unless it was received, error is a code of docs/errors.md when it failed',
};

/** A message without the text as the server sent it. */
type ParsedEvent = MessageEvent extends infer E ? (E extends MessageEvent ? Omit<E, 'raw'> : never) : never;

/** Converts a server message; undefined for replies to own requests and own presence. */
export function receivedOf(event: ParsedEvent): Received | undefined {
  const { text, own } = event;
  const common = { text, own, receivedAt: event.receivedAt.toISOString(), file: null };
  switch (event.type) {
    case 'answer':
    // Offers are reported with their outcome: see `receivedFile`.
    case 'fileOffer':
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

/** An offer with its outcome. */
export function receivedFile(
  offer: Pick<ClientOffer, 'sender' | 'name' | 'sha256' | 'receivedAt'>,
  became: ReceivedFile | { readonly error: string } | 'declined',
): Received {
  const { sender, name, sha256, receivedAt } = offer;
  const common = { sha256, bytes: null, path: null, error: null };
  let file: ReceivedFileFacts;
  if (became === 'declined') file = { ...common, status: 'declined' };
  else if ('error' in became) file = { ...common, status: 'failed', error: became.error };
  else file = { ...common, status: 'received', bytes: became.bytes, path: became.path ?? null };
  return {
    v: 1,
    type: 'file',
    sender,
    room: null,
    change: null,
    text: name,
    own: false,
    time: null,
    receivedAt: receivedAt.toISOString(),
    file,
  };
}

/** The end of an offer that a daemon reports. */
export function receivedEnd(end: EventOf<'fileEnd'>): Received {
  const { sender, name, sha256, status, bytes, path, error } = end;
  const offer = { sender, name, sha256, receivedAt: new Date(end.receivedAt) };
  return { ...receivedFile(offer, 'declined'), file: { status, sha256, bytes, path, error } };
}

/** A message as text; not yet safe for a terminal. */
export function receivedLine(received: Received): string {
  const time = new Date(received.receivedAt).toTimeString().slice(0, 8);
  return `${time} ${withoutTime(received)}`;
}

function withoutTime({ type, sender, room, change, text, file }: Received): string {
  switch (type) {
    case 'dm':
      return `[dm] ${sender}: ${text}`;
    case 'room':
      return `[${room || 'room'}] ${sender}: ${text}`;
    case 'lobby':
      return `[lobby] ${sender}: ${text}`;
    case 'file':
      return `[file] ${sender}: ${text}, ${fileStatus(file)}`;
    case 'presence':
      return `* ${sender} ${change}${room === null ? '' : ` ${room}`}`;
    case 'system':
      return `* ${text}`;
  }
}

function fileStatus(file: ReceivedFileFacts | null): string {
  switch (file?.status) {
    case 'received':
      return `received: ${file.path}, ${file.bytes} bytes`;
    case 'failed':
      return `not received (${file.error})`;
    default:
      return 'declined';
  }
}

/** The environment variables of `--exec` and their meaning; empty when a message lacks the value. */
export const RECEIVED_VARIABLES = {
  QUIETROOM_TYPE: 'type',
  QUIETROOM_SENDER: 'sender',
  QUIETROOM_ROOM: 'room',
  QUIETROOM_CHANGE: 'change',
  QUIETROOM_TEXT: 'text',
  QUIETROOM_TIME: 'time',
  QUIETROOM_RECEIVED_AT: 'receivedAt',
} as const satisfies Readonly<Record<string, Exclude<keyof Received, 'file'>>>;

/** Also set for received files: the path. */
const FILE_VARIABLE = 'QUIETROOM_FILE';

/** A message as environment variables. NUL, which they cannot hold, becomes U+FFFD. */
export function receivedEnvironment(received: Received): Record<string, string> {
  const values = Object.entries(RECEIVED_VARIABLES).map(([name, field]) => [
    name,
    (received[field] ?? '').replaceAll('\0', '\ufffd'),
  ]);
  return { ...Object.fromEntries(values), [FILE_VARIABLE]: received.file?.path ?? '' };
}
