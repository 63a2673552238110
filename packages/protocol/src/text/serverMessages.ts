import { USAGE_LINES, type UsageReason } from './commands.js';
import { formatList, LIST_CODECS, type ListMessage, type ListMessages } from './lists.js';
import { Template, type FieldsOf } from './template.js';

/**
 * The texts of servers with a fixed form, and their fields. One table parses and formats them. The
 * comments name the version where only one sends a text.
 */
const LINES = {
  usernamePrompt: 'Enter your username: ',
  welcome: 'Welcome to the chat, {name}!',
  loginHint: 'Type /help for available commands. Type /quit to exit.\n',
  dm: '[DM from {name}]: {text}',
  dmEcho: '[DM to {name}]: {text}',
  /** 1.2 */
  room: '[{time}] [{room}] {name}: {text}',
  /** On 1.1 room messages have this form too, without their room. */
  lobby: '[{time}] {name}: {text}',
  joined: '*** {name} joined the chat ***',
  left: '*** {name} left the chat ***',
  roomJoined: '*** {name} joined {room} ***',
  roomLeft: '*** {name} left {room} ***',
  createdRoom: 'Created and joined room {room}',
  joinedRoom: 'Joined room {room}',
  leftRoom: 'Left room {room} - returned to lobby',
  help: '\nAvailable Commands:{text}',
  shutdown: '*** Server is shutting down. Goodbye! ***',
  /** To the sender of an offer. */
  fileOffered:
    '*** File transfer request sent to {name} ***\nTransfer ID: {id}\nWaiting for recipient to accept...',
  /** To the recipient of an offer. */
  fileOffer:
    '*** FILE TRANSFER REQUEST ***\nSender: {name}\nFile: {file}\nSHA-256: {sha256}\nTransfer ID: {id}\n\nTo accept, type: /accept {id}\nTo decline, type: /decline {id}',
  /** To the recipient who accepted; then to the sender. */
  fileAccepted: '*** File transfer accepted. Waiting for file stream... ***',
  fileAcceptedBy: '*** {name} accepted your file transfer (ID: {id}). ***',
  /** To the sender, after `fileAcceptedBy`. */
  beginSend: 'BEGIN_SEND|{file}|{sha256}',
  /** To the user who declined; then to the sender. */
  fileDeclined: '*** File transfer declined. ***',
  fileDeclinedBy: '*** {name} declined the file transfer (ID: {id}). ***',
  fileExpired: '*** File transfer expired (not accepted within 5 minutes). ***',
  /** To the sender; then, to the recipient. */
  fileSendTimedOut: '*** File transfer timed out after 10 minutes ***',
  fileReceiveTimedOut: '*** File transfer timed out ***',
  /** Our server only: names the transfer. */
  transferCancelled: '*** File transfer cancelled: {text} (ID: {id}) ***',
  /** `sender disconnected`, to the recipient; `recipient disconnected` and `invalid file size`, to the sender. */
  fileCancelled: '*** File transfer cancelled: {text} ***',
  /** To the sender; then, to the recipient. */
  fileSent: '*** File transfer stream completed. ***',
  fileReceived: '*** File transfer stream completed. Check hash! ***',
  /** Reply to `/features`: the features of the server. Our server only. */
  features: 'Features: {text}',
  /** Reply to `/steady`: it is steady from now on. Our server only. */
  steady: 'Steady: one cell of 512 bytes every {seconds} s.',
} as const;

/** The texts of refusals. */
const REFUSALS = {
  nameTaken: '*** Username already taken. Please reconnect with a different name. ***',
  recipientOffline: "User '{word}' is not online.",
  /** 1.2: to a message for a room. */
  notAMember: '*** You are not a member of {room} ***',
  /** To a leave. */
  notInRoom: 'You are not in room {room}',
  passwordRequired: 'This room is password-protected. Usage: /join {room} <password>',
  passwordWrong: 'Incorrect password for room {room}',
  /** 1.2, newer builds: the password has over 72 bytes. */
  passwordTooLong: 'Error creating room password.',
  roomNameInvalid: 'Room names must start with # (e.g., #general)',
  /** 1.2 */
  roomNotFound: 'Room not found or access denied.',
  unknownCommand: 'Unknown command: {word}. Type /help for available commands.',
  fileToSelf: 'You cannot send files to yourself.',
  fileHashLength: 'Invalid hash format. SHA-256 hash must be 64 hex characters.',
  fileHashDigits: 'Invalid hash format. Must be valid hexadecimal.',
  transferNotFound: 'Transfer ID not found or expired.',
  transferNotYours: 'This transfer is not for you.',
} as const;

/** The names of the texts that reply to a request. A usage line has the type of its command before `Usage`. */
export type ReplyName = keyof typeof LINES | keyof typeof REFUSALS | keyof ListMessages | `${string}Usage`;

type LineMessages = {
  [T in keyof typeof LINES]: { readonly type: T } & Fields<(typeof LINES)[T]>;
}[keyof typeof LINES];

type RefusalMessages = {
  [R in keyof typeof REFUSALS]: { readonly type: 'refusal'; readonly reason: R } & Fields<
    (typeof REFUSALS)[R]
  >;
}[keyof typeof REFUSALS];

type UsageMessages = { [R in UsageReason]: { readonly type: 'refusal'; readonly reason: R } }[UsageReason];

type Fields<T extends string> = { readonly [F in FieldsOf<T>]: string };

/** A parsed text of a server. `notice` is any text without a fixed form. */
export type ServerMessage =
  | LineMessages
  | RefusalMessages
  | UsageMessages
  | ListMessage
  | { readonly type: 'notice'; readonly text: string };

/** The reason of a refusal. */
export type RefusalReason = keyof typeof REFUSALS | UsageReason;

interface Codec {
  /** The start of its texts, to skip other templates. */
  readonly prefix: string;
  parse(text: string): ServerMessage | undefined;
}

type Row = readonly [key: string, template: string];

const templates = (rows: object): ReadonlyMap<string, Template> =>
  new Map(Object.entries(rows).map(([key, template]: Row) => [key, new Template(template)]));

const LINE_TEMPLATES = templates(LINES);
const REFUSAL_TEMPLATES = templates({ ...REFUSALS, ...USAGE_LINES });

const NO_CODECS: readonly Codec[] = [];
const CODECS_BY_FIRST_CHARACTER = new Map<string, Codec[]>();

function register(codec: Codec): void {
  const first = codec.prefix.charAt(0);
  const codecs = CODECS_BY_FIRST_CHARACTER.get(first);
  if (codecs) codecs.push(codec);
  else CODECS_BY_FIRST_CHARACTER.set(first, [codec]);
}

// The fields are those of the template, from which the type is derived.
for (const [type, template] of LINE_TEMPLATES) {
  register({
    prefix: template.prefix,
    parse: (text) => template.parse(text, type) as ServerMessage | undefined,
  });
}
for (const [reason, template] of REFUSAL_TEMPLATES) {
  register({
    prefix: template.prefix,
    parse: (text) => template.parse(text, 'refusal', reason) as ServerMessage | undefined,
  });
}
for (const codec of LIST_CODECS) register(codec);

/**
 * Parses a text from a server of any version. Parsing is anchored at the start of the text, so
 * that text of users, which always follows a prefix, cannot pass for anything else.
 *
 * @example
 * parseServerMessage('[DM from alice]: hi'); // { type: 'dm', name: 'alice', text: 'hi' }
 */
export function parseServerMessage(text: string): ServerMessage {
  for (const codec of CODECS_BY_FIRST_CHARACTER.get(text.charAt(0)) ?? NO_CODECS) {
    if (!text.startsWith(codec.prefix)) continue;
    const message = codec.parse(text);
    if (message) return message;
  }
  return { type: 'notice', text };
}

/** The text that a server sends for a message; the inverse of `parseServerMessage`. */
export function formatServerMessage(message: ServerMessage): string {
  switch (message.type) {
    case 'notice':
      return message.text;
    case 'refusal':
      return format(REFUSAL_TEMPLATES.get(message.reason), message);
    case 'users':
    case 'members':
    case 'rooms':
      return formatList(message);
    default:
      return format(LINE_TEMPLATES.get(message.type), message);
  }
}

function format(template: Template | undefined, message: object): string {
  return template?.format(message as Readonly<Record<string, string>>) ?? '';
}
