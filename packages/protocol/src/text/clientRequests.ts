import { splitWords, trimWhiteSpace } from './whiteSpace.js';

/** The two generations of servers in use. */
export type Generation = '1.1' | '1.2';

/** A text from a client, as a server takes it. */
export type ClientRequest =
  | { readonly type: 'empty' }
  | { readonly type: 'lobby'; readonly text: string }
  | { readonly type: 'room'; readonly room: string; readonly text: string }
  | { readonly type: 'dm'; readonly user: string; readonly text: string }
  | { readonly type: 'join'; readonly room: string; readonly password: string }
  | { readonly type: 'leave'; readonly room: string }
  | { readonly type: 'members'; readonly place: string }
  | { readonly type: 'users' | 'rooms' | 'help' | 'quit' }
  /** An offer of a file; neither the hash nor the name is checked. */
  | { readonly type: 'file'; readonly user: string; readonly name: string; readonly sha256: string }
  | { readonly type: 'accept' | 'decline'; readonly id: string }
  /** What the server knows beyond its generation. */
  | { readonly type: 'features' }
  /** A command without the arguments that it needs. */
  | {
      readonly type: 'usage';
      readonly command: 'msg' | 'join' | 'leave' | 'members' | 'file' | 'accept' | 'decline';
    }
  /** A command that there is not; `command` with its slash, in lower case. */
  | { readonly type: 'unknown'; readonly command: string };

const ROOM_PREFIX = /^\[(#[^]*?)\] ([^]+)$/;

/**
 * Reads what a client sent, as a server of the given generation (default 1.2) does: 1.1 knows neither the
 * `[#room] ` prefix nor `/members`.
 *
 * @example
 * parseClientRequest('/msg alice  good   morning'); // { type: 'dm', user: 'alice', text: 'good morning' }
 */
export function parseClientRequest(sent: string, generation: Generation = '1.2'): ClientRequest {
  const text = trimWhiteSpace(sent);
  if (text === '') return { type: 'empty' };
  if (text.startsWith('/')) return parseCommand(text, generation);
  if (generation === '1.1') return { type: 'lobby', text };
  const [, room, roomText] = ROOM_PREFIX.exec(text) ?? [];
  return room !== undefined && roomText !== undefined
    ? { type: 'room', room, text: trimWhiteSpace(roomText) }
    : { type: 'lobby', text };
}

function parseCommand(text: string, generation: Generation): ClientRequest {
  // Only these very words end a session: `/QUIT` and `/quit now` are unknown commands.
  if (text === '/quit') return { type: 'quit' };
  const [first = '', ...words] = splitWords(text);
  const command = first.toLowerCase();
  const [target] = words;
  switch (command) {
    case '/msg': {
      const [user, ...message] = words;
      if (user === undefined || message.length === 0) return { type: 'usage', command: 'msg' };
      return { type: 'dm', user, text: message.join(' ') };
    }
    case '/join':
      if (target === undefined) return { type: 'usage', command: 'join' };
      return { type: 'join', room: target, password: words.slice(1).join(' ') };
    case '/leave':
      return target === undefined ? { type: 'usage', command: 'leave' } : { type: 'leave', room: target };
    case '/members':
      if (generation === '1.1') return { type: 'unknown', command };
      // A room's name or `lobby`: anything else is answered by the usage line.
      return target !== undefined && (target === 'lobby' || target.startsWith('#'))
        ? { type: 'members', place: target }
        : { type: 'usage', command: 'members' };
    case '/users':
      return { type: 'users' };
    case '/rooms':
      return { type: 'rooms' };
    case '/help':
      return { type: 'help' };
    case '/file': {
      const [user, name, sha256] = words;
      if (user === undefined || name === undefined || sha256 === undefined) {
        return { type: 'usage', command: 'file' };
      }
      return { type: 'file', user, name, sha256 };
    }
    case '/accept':
      return target === undefined ? { type: 'usage', command: 'accept' } : { type: 'accept', id: target };
    case '/decline':
      return target === undefined ? { type: 'usage', command: 'decline' } : { type: 'decline', id: target };
    case '/features':
      return { type: 'features' };
    default:
      return { type: 'unknown', command };
  }
}

/** Requests that a client can make; each becomes one text packet. */
export type FormattableRequest = Exclude<ClientRequest, { type: 'empty' | 'usage' | 'unknown' }>;

/**
 * The text of a request. The caller has checked names and rooms; chat text has gone through `guardChat`.
 */
export function formatClientRequest(request: FormattableRequest): string {
  switch (request.type) {
    case 'lobby':
      return request.text;
    case 'room':
      return `[${request.room}] ${request.text}`;
    case 'dm':
      return `/msg ${request.user} ${request.text}`;
    case 'join':
      return request.password === '' ? `/join ${request.room}` : `/join ${request.room} ${request.password}`;
    case 'leave':
      return `/leave ${request.room}`;
    case 'members':
      return `/members ${request.place}`;
    case 'file':
      return `/file ${request.user} ${request.name} ${request.sha256}`;
    case 'accept':
    case 'decline':
      return `/${request.type} ${request.id}`;
    case 'users':
    case 'rooms':
    case 'help':
    case 'quit':
    case 'features':
      return `/${request.type}`;
  }
}

/** U+2060 WORD JOINER: invisible, and not White_Space, so that a server neither trims nor reads it. */
const GUARD = '\u2060';

const NEEDS_GUARD = new RegExp(`^(?:/|\\[#|${GUARD})`);

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
