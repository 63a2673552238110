import { MAX_NAME_BYTES, NAME_CLASS } from './names.js';
import { WHITE_SPACE_CLASS } from './whiteSpace.js';

/** A room in the reply to `/rooms`. */
export interface RoomSummary {
  readonly name: string;
  readonly users: number;
  readonly isProtected: boolean;
}

/** A list that is too long for one message comes in parts, each a list of its own. */
interface Part {
  /** How many entries follow in further messages; absent when none do. Only of servers of ours. */
  readonly remaining?: number;
}

export interface ListMessages {
  /** Reply to `/users`; on 1.1 of the current room, or of the lobby. */
  users: { readonly type: 'users'; readonly users: readonly string[]; readonly place?: string } & Part;
  rooms: { readonly type: 'rooms'; readonly rooms: readonly RoomSummary[] } & Part;
  /** Reply to `/members`: of a room, or of `lobby`. Since 1.2. */
  members: { readonly type: 'members'; readonly place: string; readonly members: readonly string[] } & Part;
}

export type ListMessage = ListMessages[keyof ListMessages];

/** Reads a list; undefined when there is anything in the text that is not part of it. */
export interface ListCodec {
  /** What every text of the form begins with. */
  readonly prefix: string;
  readonly parse: (text: string) => ListMessage | undefined;
}

const NO_ROOMS = 'No active rooms. Use /join #roomname to create one.';

const ROOM_LINE = new RegExp(`^  (#[^${WHITE_SPACE_CLASS}]*)( 🔒)? \\((\\d+) users\\)$`);
const NAME_LINE = new RegExp(`^  ([${NAME_CLASS}]{1,${MAX_NAME_BYTES}})$`);
const REMAINING_LINE = /^ {2}… (\d+) more follow$/;
const MEMBERS_HEAD = new RegExp(`^Members of (lobby|#[^${WHITE_SPACE_CLASS}]*) \\(\\d+\\):$`);
const USERS_HEAD = new RegExp(
  `^(?:Online Users \\((?:\\d+|Lobby)\\)|Users in (#[^${WHITE_SPACE_CLASS}]*)):$`,
);

/** These pick out the lines that they know. */
const LINE_PARSERS: readonly ListCodec[] = [
  { prefix: 'Online Users (', parse: parseUsers },
  { prefix: 'Users in #', parse: parseUsers },
  {
    prefix: 'Members of ',
    parse(text) {
      const { head, lines, part } = splitList(text);
      const place = MEMBERS_HEAD.exec(head)?.[1];
      return place === undefined ? undefined : { type: 'members', place, members: namesIn(lines), ...part };
    },
  },
  {
    prefix: 'Active Rooms:\n',
    parse(text) {
      const { lines, part } = splitList(text);
      const rooms = lines.flatMap((line): RoomSummary | readonly [] => {
        const [, name, lock, users] = ROOM_LINE.exec(line) ?? [];
        return name === undefined ? [] : { name, users: Number(users), isProtected: lock !== undefined };
      });
      return { type: 'rooms', rooms, ...part };
    },
  },
  { prefix: NO_ROOMS, parse: () => ({ type: 'rooms', rooms: [] }) },
];

/** A list counts only when it is written as servers write it: no line and no count is passed over. */
export const LIST_CODECS: readonly ListCodec[] = LINE_PARSERS.map(({ prefix, parse }) => ({
  prefix,
  parse(text) {
    const list = parse(text);
    return list && formatList(list) === text ? list : undefined;
  },
}));

/**
 * The text of a list: a head line, then a line for each entry behind two blanks. In part of a list the count in the
 * head is that of the entries from there on, and the last line says how many follow.
 */
export function formatList(list: ListMessage): string {
  const { remaining } = list;
  const last = remaining === undefined ? [] : [`… ${remaining} more follow`];
  switch (list.type) {
    case 'users': {
      const lines = [...list.users, ...last];
      const count = list.users.length + (remaining ?? 0);
      if (list.place === undefined) return `Online Users (${count}):\n  ${lines.join('\n  ')}`;
      const head = list.place === 'lobby' ? 'Online Users (Lobby):' : `Users in ${list.place}:`;
      return `${head}\n${closedLines(lines)}`;
    }
    case 'members': {
      const lines = [...list.members, ...last];
      return `Members of ${list.place} (${list.members.length + (remaining ?? 0)}):\n  ${lines.join('\n  ')}`;
    }
    case 'rooms':
      if (list.rooms.length === 0 && remaining === undefined) return NO_ROOMS;
      return `Active Rooms:\n${closedLines([...list.rooms.map(roomLine), ...last])}`;
  }
}

/**
 * The list in parts whose texts have at most `maxBytes` of UTF-8, or hold one entry. A list that fits is its only
 * part.
 */
export function listParts(list: ListMessage, maxBytes: number): ListMessage[] {
  if (Buffer.byteLength(formatList(list)) <= maxBytes) return [list];
  const sizes = entriesOf(list).map((entry) => Buffer.byteLength(entry) + LINE_BYTES);
  const frame = Buffer.byteLength(formatList({ ...slice(list, 0, 0), remaining: sizes.length }));
  const parts: ListMessage[] = [];
  for (let start = 0; start < sizes.length;) {
    let end = start;
    let bytes = frame;
    do bytes += sizes[end++] ?? 0;
    while (end < sizes.length && bytes + (sizes[end] ?? 0) <= maxBytes);
    const remaining = sizes.length - end;
    parts.push(remaining === 0 ? slice(list, start, end) : { ...slice(list, start, end), remaining });
    start = end;
  }
  return parts;
}

/** True when `next` goes on where `part` ends. */
export function isNextPart(part: ListMessage, next: ListMessage): boolean {
  const entries = entriesOf(next).length;
  const isSameList = part.type === next.type && placeOf(part) === placeOf(next);
  return isSameList && entries > 0 && part.remaining === entries + (next.remaining ?? 0);
}

/** The list that these are the parts of, each the next one of the one before. */
export function joinLists([first, ...others]: readonly [ListMessage, ...ListMessage[]]): ListMessage {
  const { remaining: _, ...list } = first;
  switch (list.type) {
    case 'users':
      return {
        ...list,
        users: [list, ...others].flatMap((part) => (part.type === 'users' ? part.users : [])),
      };
    case 'members': {
      const members = [list, ...others].flatMap((part) => (part.type === 'members' ? part.members : []));
      return { ...list, members };
    }
    case 'rooms':
      return {
        ...list,
        rooms: [list, ...others].flatMap((part) => (part.type === 'rooms' ? part.rooms : [])),
      };
  }
}

function placeOf(list: ListMessage): string | undefined {
  return list.type === 'rooms' ? undefined : list.place;
}

/** Two blanks and a line break. */
const LINE_BYTES = 3;

function entriesOf(list: ListMessage): readonly string[] {
  switch (list.type) {
    case 'users':
      return list.users;
    case 'members':
      return list.members;
    case 'rooms':
      return list.rooms.map(roomLine);
  }
}

function slice(list: ListMessage, start: number, end: number): ListMessage {
  switch (list.type) {
    case 'users':
      return { ...list, users: list.users.slice(start, end) };
    case 'members':
      return { ...list, members: list.members.slice(start, end) };
    case 'rooms':
      return { ...list, rooms: list.rooms.slice(start, end) };
  }
}

function closedLines(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

function roomLine({ name, users, isProtected }: RoomSummary): string {
  return `${name}${isProtected ? ' 🔒' : ''} (${users} users)`;
}

function parseUsers(text: string): ListMessage | undefined {
  const { head, lines, part } = splitList(text);
  const found = USERS_HEAD.exec(head);
  if (found === null) return undefined;
  const users = namesIn(lines);
  const place = found[0] === 'Online Users (Lobby):' ? 'lobby' : found[1];
  return place === undefined ? { type: 'users', users, ...part } : { type: 'users', users, place, ...part };
}

/** The head line, the other lines, and whether they say that more follow. */
function splitList(text: string): { head: string; lines: string[]; part: Part } {
  const [head = '', ...lines] = text.split('\n');
  const last = lines.at(-1) === '' ? lines.at(-2) : lines.at(-1);
  const remaining = REMAINING_LINE.exec(last ?? '')?.[1];
  return { head, lines, part: remaining === undefined ? {} : { remaining: Number(remaining) } };
}

function namesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => NAME_LINE.exec(line)?.[1] ?? []);
}
