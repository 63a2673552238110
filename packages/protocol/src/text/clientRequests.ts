import {
  COMMAND_ROWS,
  commandTypeOf,
  type ArgumentKind,
  type COMMANDS,
  type CommandType,
  type UsageCommand,
} from './commands.js';
import { DEFAULT_PROTOCOL_VERSION, DIALECTS, ROOM_PREFIXES, type ProtocolVersion } from './dialects.js';
import { joinWords, takeWord, trimWhiteSpace } from './whiteSpace.js';

/**
 * Requests that a client can make, each with the arguments of its row in the table of commands. Each becomes one
 * text packet.
 *
 * @example
 * const request: FormattableRequest = { type: 'join', room: '#a', password: '' };
 */
export type FormattableRequest = {
  [T in CommandType]: { readonly type: T } & {
    readonly [A in keyof (typeof COMMANDS)[T]['arguments']]: string;
  };
}[CommandType];

/** A text from a client, as a server takes it. */
export type ClientRequest =
  | FormattableRequest
  | { readonly type: 'empty' }
  /** A command without the arguments that it needs. */
  | { readonly type: 'usage'; readonly command: UsageCommand }
  /** `command` with its slash, in lower case. */
  | { readonly type: 'unknown'; readonly command: string };

/**
 * Reads what a client sent, as a server of this version does. Default: 1.2.
 *
 * @example
 * parseClientRequest('/msg alice  good   morning'); // { type: 'dm', user: 'alice', text: 'good morning' }
 */
export function parseClientRequest(
  sent: string,
  version: ProtocolVersion = DEFAULT_PROTOCOL_VERSION,
): ClientRequest {
  const text = trimWhiteSpace(sent);
  if (text === '') return { type: 'empty' };
  return text.startsWith('/') ? parseCommand(text, version) : DIALECTS[version].parseChat(text);
}

function parseCommand(text: string, version: ProtocolVersion): ClientRequest {
  const [first, rest] = takeWord(text);
  const command = lowerCase(first);
  const type = commandTypeOf(command, version);
  const row = type && COMMAND_ROWS.get(type);
  if (row === undefined || (row.isVerbatim && text !== row.command)) return { type: 'unknown', command };
  const values = parseArguments(rest, row.arguments);
  // The rows say which arguments each type has, and only a command with arguments lacks some.
  if (values === undefined) return { type: 'usage', command: command.slice(1) as UsageCommand };
  return { type, ...values } as FormattableRequest;
}

/** In lower case as servers write it: by simple mapping, one character for one. */
function lowerCase(text: string): string {
  // These are the two that toLowerCase maps otherwise: to two characters, and by the characters around it.
  if (!/[İΣ]/.test(text)) return text.toLowerCase();
  const bytes = Buffer.from(text, 'utf16le');
  for (let at = 0; at < bytes.length; at += 2) {
    const unit = bytes.readUInt16LE(at);
    if (unit === 0x130) bytes.writeUInt16LE(0x69, at);
    else if (unit === 0x3a3) bytes.writeUInt16LE(0x3c3, at);
  }
  return bytes.toString('utf16le').toLowerCase();
}

/** Undefined when one is missing or is not what it must be. Words that are left over are ignored. */
function parseArguments(
  text: string,
  kinds: Readonly<Record<string, ArgumentKind>>,
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let left = text;
  for (const [name, kind] of Object.entries(kinds)) {
    const value = ARGUMENTS[kind](left);
    if (value === undefined) return undefined;
    values[name] = value;
    [, left] = takeWord(left);
  }
  return values;
}

/** How an argument is read from the text from its place on; undefined: the usage line is the reply. */
const ARGUMENTS: Readonly<Record<ArgumentKind, (text: string) => string | undefined>> = {
  word: (text) => takeWord(text)[0] || undefined,
  place(text) {
    const [word] = takeWord(text);
    return word.toLowerCase() === 'lobby' ? 'lobby' : word.startsWith('#') ? word : undefined;
  },
  text: (text) => joinWords(text) || undefined,
  optionalText: joinWords,
};

/**
 * The text of a request: a command with its arguments, or chat. The caller has checked names and rooms; chat text
 * has gone through `guardChat`.
 */
export function formatClientRequest(request: FormattableRequest): string {
  if (request.type === 'lobby') return request.text;
  if (request.type === 'room') return `[${request.room}] ${request.text}`;
  const { command = '', names = [] } = COMMAND_WORDS.get(request.type) ?? {};
  const values: Readonly<Record<string, string>> = request;
  let text: string = command;
  for (const name of names) if (values[name] !== '') text += ` ${values[name]}`;
  return text;
}

/** By type, the command and the names of its arguments in order. */
const COMMAND_WORDS = new Map(
  Array.from(COMMAND_ROWS, ([type, row]) => [
    type,
    { command: row.command, names: Object.keys(row.arguments) },
  ]),
);

/** U+2060 WORD JOINER: invisible, and not White_Space, so that a server neither trims nor reads it. */
const GUARD = '\u2060';

const NEEDS_GUARD = new RegExp(
  `^(?:${['/', GUARD, ...ROOM_PREFIXES.map(({ source }) => source)].join('|')})`,
);

/**
 * Chat text that a server would take for a command or for a room message, put behind U+2060; other text
 * as it is.
 */
export function guardChat(text: string): string {
  const trimmed = trimWhiteSpace(text);
  return NEEDS_GUARD.test(trimmed) ? GUARD + trimmed : text;
}

/** Takes off what `guardChat` put on. */
export function unguardChat(text: string): string {
  return text.startsWith(GUARD) && NEEDS_GUARD.test(text.slice(1)) ? text.slice(1) : text;
}
