import { DEFAULT_PROTOCOL_VERSION, isAtLeast, type ProtocolVersion } from './dialects.js';
import type { ReplyName } from './serverMessages.js';

/**
 * How an argument is read from the words after the command:
 * - `word`: one word
 * - `place`: one word, `lobby` in any case or the name of a room
 * - `text`: all further words, at least one, joined by one space
 * - `optionalText`: the same, or none
 */
export type ArgumentKind = 'word' | 'place' | 'text' | 'optionalText';

interface Row<Replies> {
  /** The word that begins the request. Absent for chat text. */
  readonly command?: `/${string}`;
  /** In the order in which they are written. */
  readonly arguments: Readonly<Record<string, ArgumentKind>>;
  /** For the usage line and the help text. */
  readonly synopsis?: string;
  /** Its line in the help text. Absent: it is not listed. */
  readonly help?: string;
  /** Where the help line of a version differs. */
  readonly helpOn?: Readonly<Partial<Record<ProtocolVersion, string>>>;
  /** The oldest version that has it. Default: the oldest of all. */
  readonly since?: ProtocolVersion;
  /** Sent twice in the same words, either reply is true of both. Default false. */
  readonly isIdempotent?: boolean;
  /** Only the command alone, in lower case, counts: anything else is an unknown command. Default false. */
  readonly isVerbatim?: boolean;
  /**
   * Each reply to the sender, with the arguments that it repeats: argument to field of the reply. The usage line
   * is among them only where it also refuses complete requests.
   */
  readonly replies: Replies;
}

type Fields = Readonly<Record<string, string>>;

/** Every request that a client can make, by its type, in the order of the help text. */
export const COMMANDS = {
  dm: {
    command: '/msg',
    arguments: { user: 'word', text: 'text' },
    synopsis: '/msg <username> <message>',
    help: 'send a direct message',
    replies: { dmEcho: { user: 'name', text: 'text' }, recipientOffline: { user: 'word' } },
  },
  users: {
    command: '/users',
    arguments: {},
    synopsis: '/users',
    help: 'list who is online',
    helpOn: { '1.1': 'list who is in your current room, or in the lobby' },
    isIdempotent: true,
    replies: { users: {} },
  },
  rooms: {
    command: '/rooms',
    arguments: {},
    synopsis: '/rooms',
    help: 'list the rooms',
    isIdempotent: true,
    replies: { rooms: {} },
  },
  join: {
    command: '/join',
    arguments: { room: 'word', password: 'optionalText' },
    synopsis: '/join <#room> [password]',
    help: 'join a room, or create it',
    isIdempotent: true,
    replies: {
      createdRoom: { room: 'room' },
      joinedRoom: { room: 'room' },
      passwordRequired: { room: 'room' },
      passwordWrong: { room: 'room' },
      passwordTooLong: {},
      roomNameInvalid: {},
      joinUsage: {},
    },
  },
  leave: {
    command: '/leave',
    arguments: { room: 'word' },
    synopsis: '/leave <#room>',
    help: 'leave a room',
    isIdempotent: true,
    replies: { leftRoom: { room: 'room' }, notInRoom: { room: 'room' } },
  },
  members: {
    command: '/members',
    arguments: { place: 'place' },
    synopsis: '/members <#roomname|lobby>',
    help: 'list who is in a room, or in no room',
    since: '1.2',
    isIdempotent: true,
    replies: { members: { place: 'place' }, roomNotFound: {} },
  },
  room: {
    arguments: { room: 'word', text: 'text' },
    synopsis: '[#room] <message>',
    help: 'send a message to a room that you are in',
    since: '1.2',
    replies: { room: { room: 'room', text: 'text' }, notAMember: { room: 'room' } },
  },
  /** On 1.1 it goes to the current room of its sender, if there is one. */
  lobby: {
    arguments: { text: 'text' },
    replies: { lobby: { text: 'text' } },
  },
  file: {
    command: '/file',
    arguments: { user: 'word', name: 'word', sha256: 'word' },
    synopsis: '/file <username> <path/filename>',
    help: 'offer a file to somebody',
    replies: {
      fileOffered: {},
      fileToSelf: {},
      fileHashLength: {},
      fileHashDigits: {},
      fileUsage: {},
      recipientOffline: { user: 'word' },
    },
  },
  accept: {
    command: '/accept',
    arguments: { id: 'word' },
    synopsis: '/accept <transfer_id>',
    help: 'take a file that is offered',
    replies: { fileAccepted: {}, transferNotFound: {}, transferNotYours: {} },
  },
  decline: {
    command: '/decline',
    arguments: { id: 'word' },
    synopsis: '/decline <transfer_id>',
    help: 'refuse a file, or withdraw your own',
    replies: { fileDeclined: {}, transferNotFound: {}, transferNotYours: {} },
  },
  /** Asks a server of ours for what it can do beyond its version. */
  features: {
    command: '/features',
    arguments: {},
    isIdempotent: true,
    replies: { features: {} },
  },
  /** Asks a server of ours to send this client one cell per interval from now on. */
  steady: {
    command: '/steady',
    arguments: {},
    isIdempotent: true,
    replies: { steady: {} },
  },
  help: {
    command: '/help',
    arguments: {},
    synopsis: '/help',
    help: 'show this text',
    isIdempotent: true,
    replies: { help: {} },
  },
  /** Ends the connection: there is no reply. */
  quit: {
    command: '/quit',
    arguments: {},
    synopsis: '/quit',
    help: 'leave the chat',
    isVerbatim: true,
    replies: {},
  },
} as const satisfies Readonly<Record<string, Row<Readonly<Partial<Record<ReplyName, Fields>>>>>>;

export type CommandType = keyof typeof COMMANDS;

/** The types of the commands that need arguments: a server replies by a usage line when one is missing. */
type UsageType = {
  [T in CommandType]: (typeof COMMANDS)[T] extends { readonly command: string }
    ? keyof (typeof COMMANDS)[T]['arguments'] extends never
      ? never
      : T
    : never;
}[CommandType];

/** The commands that need arguments, without the slash. */
export type UsageCommand = (typeof COMMANDS)[UsageType]['command'] extends `/${infer C}` ? C : never;

/** The reason of the refusal by the usage line of a command. */
export type UsageReason = `${UsageType}Usage`;

/** The rows of the table, without the exact type of each. */
export const COMMAND_ROWS: ReadonlyMap<CommandType, Row<Readonly<Record<string, Fields>>>> = new Map(
  // Object.entries knows no keys but strings.
  Object.entries(COMMANDS) as [CommandType, Row<Readonly<Record<string, Fields>>>][],
);

const TYPES_BY_COMMAND: ReadonlyMap<string, CommandType> = new Map(
  [...COMMAND_ROWS].flatMap(([type, { command }]) => (command === undefined ? [] : [[command, type]])),
);

/** The type of the request that begins with this command, which is in lower case, if the version has it. */
export function commandTypeOf(
  command: string,
  version: ProtocolVersion = DEFAULT_PROTOCOL_VERSION,
): CommandType | undefined {
  const type = TYPES_BY_COMMAND.get(command);
  return type !== undefined && hasCommand(version, type) ? type : undefined;
}

/** The text of each usage line, by the reason that it gives for the refusal. */
export const USAGE_LINES = Object.fromEntries(
  [...COMMAND_ROWS].flatMap(([type, row]) =>
    row.command !== undefined && Object.keys(row.arguments).length > 0
      ? [[`${type}Usage`, `Usage: ${row.synopsis}`]]
      : [],
  ),
  // As UsageReason is derived from the same rows.
) as Readonly<Record<UsageReason, string>>;

export function usageReasonOf(command: UsageCommand): UsageReason {
  // The type of a command that needs arguments.
  return `${TYPES_BY_COMMAND.get(`/${command}`) as UsageType}Usage`;
}

/** Text after the first line of the reply to `/help`. */
export function helpText(version: ProtocolVersion): string {
  const lines = [...COMMAND_ROWS].flatMap(([type, { synopsis, help, helpOn }]) => {
    const meaning = helpOn?.[version] ?? help;
    return synopsis !== undefined && meaning !== undefined && hasCommand(version, type)
      ? [{ synopsis, meaning }]
      : [];
  });
  const width = Math.max(...lines.map(({ synopsis }) => synopsis.length));
  return lines.map(({ synopsis, meaning }) => `\n  ${synopsis.padEnd(width)}  ${meaning}`).join('') + '\n';
}

function hasCommand(version: ProtocolVersion, type: CommandType): boolean {
  const since = COMMAND_ROWS.get(type)?.since;
  return since === undefined || isAtLeast(version, since);
}
