import { THEME_NAMES, type ThemeName } from './themeNames.js';

/** The meaning of a typed line. */
export type Command =
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'message'; readonly name: string; readonly text: string }
  | { readonly type: 'join'; readonly room: string; readonly password: string | undefined }
  | { readonly type: 'leave'; readonly room: string | undefined }
  | { readonly type: 'go'; readonly target: string }
  | { readonly type: 'users' }
  | { readonly type: 'rooms' }
  | { readonly type: 'members'; readonly room: string | undefined }
  | { readonly type: 'send'; readonly path: string }
  | { readonly type: 'accept' | 'decline' | 'cancel'; readonly number: number | undefined }
  | { readonly type: 'theme'; readonly name: ThemeName | undefined }
  | { readonly type: 'bell'; readonly on: boolean | undefined }
  /** `isNow`: even while files are on their way. */
  | { readonly type: 'quit'; readonly isNow: boolean }
  | { readonly type: 'search'; readonly text: string }
  | { readonly type: 'ignore'; readonly name: string | undefined }
  | { readonly type: 'unignore'; readonly name: string }
  | { readonly type: 'mute'; readonly target: string | undefined }
  | { readonly type: 'joins'; readonly on: boolean | undefined }
  /** Without a target the shown thread. */
  | { readonly type: 'close'; readonly target: string | undefined }
  | { readonly type: 'pin'; readonly answer: string | undefined }
  | { readonly type: 'connect'; readonly profile: string }
  | { readonly type: 'help' | 'keys' | 'mentions' | 'clear' | 'reconnect' | 'status' }
  /** The line is invalid: the reason, and the correct form. */
  | { readonly type: 'problem'; readonly text: string };

interface Definition {
  readonly usage: string;
  readonly meaning: string;
  /** Parses the text after the command's name; undefined when it does not match the usage. */
  readonly read: (rest: string) => Command | undefined;
}

/** All commands, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Definition>> = {
  msg: {
    usage: '/msg NAME [TEXT]',
    meaning: 'write to one person',
    read: (rest) => {
      const [name, text] = cut(rest);
      return name === '' ? undefined : { type: 'message', name, text };
    },
  },
  join: {
    usage: '/join #ROOM [PASSWORD]',
    meaning: 'join a room, or make it',
    read: (rest) => {
      const [room, password] = cut(rest);
      return room === '' ? undefined : { type: 'join', room, password: password || undefined };
    },
  },
  leave: {
    usage: '/leave [#ROOM]',
    meaning: 'leave it; close a thread',
    read: (rest) => ({ type: 'leave', room: rest || undefined }),
  },
  me: {
    usage: '/me TEXT',
    meaning: 'say what you do',
    read: (rest) => (rest === '' ? undefined : { type: 'say', text: `* ${rest}` }),
  },
  close: {
    usage: '/close [NAME|dead]',
    meaning: 'close a thread; all read ones of people who left',
    read: (rest) => ({ type: 'close', target: rest || undefined }),
  },
  clear: { usage: '/clear', meaning: 'empty this place', read: () => ({ type: 'clear' }) },
  go: {
    usage: '/go PLACE',
    meaning: 'show another place',
    read: (rest) => (rest === '' ? undefined : { type: 'go', target: rest }),
  },
  users: { usage: '/users', meaning: 'who is online', read: () => ({ type: 'users' }) },
  rooms: { usage: '/rooms', meaning: 'which rooms there are', read: () => ({ type: 'rooms' }) },
  members: {
    usage: '/members [#ROOM]',
    meaning: 'who is in a room',
    read: (rest) => ({ type: 'members', room: rest || undefined }),
  },
  send: {
    usage: '/send FILE',
    meaning: 'offer a file here',
    read: (rest) => (rest === '' ? undefined : { type: 'send', path: rest }),
  },
  accept: { usage: '/accept [NUMBER]', meaning: 'take an offered file', read: fileCommand('accept') },
  decline: { usage: '/decline [NUMBER]', meaning: 'do not take it', read: fileCommand('decline') },
  cancel: { usage: '/cancel [NUMBER]', meaning: 'break a file off', read: fileCommand('cancel') },
  search: {
    usage: '/search TEXT',
    meaning: 'search all places',
    read: (rest) => (rest === '' ? undefined : { type: 'search', text: rest }),
  },
  mentions: { usage: '/mentions', meaning: 'the last mentions', read: () => ({ type: 'mentions' }) },
  ignore: {
    usage: '/ignore [NAME]',
    meaning: 'hide what a person writes; list them',
    read: (rest) => ({ type: 'ignore', name: rest || undefined }),
  },
  unignore: {
    usage: '/unignore NAME',
    meaning: 'show it again',
    read: (rest) => (rest === '' ? undefined : { type: 'unignore', name: rest }),
  },
  mute: {
    usage: '/mute [PLACE]',
    meaning: 'no calls from a place; again: calls',
    read: (rest) => ({ type: 'mute', target: rest || undefined }),
  },
  joins: {
    usage: '/joins [on|off]',
    meaning: 'show or hide joins and leaves here',
    read: onOff('joins'),
  },
  pin: {
    usage: '/pin [WORDS]',
    meaning: 'compare a new certificate; accept it',
    read: (rest) => ({ type: 'pin', answer: rest || undefined }),
  },
  reconnect: { usage: '/reconnect', meaning: 'connect again', read: () => ({ type: 'reconnect' }) },
  connect: {
    usage: '/connect PROFILE',
    meaning: 'to another server',
    read: (rest) => (rest === '' ? undefined : { type: 'connect', profile: rest }),
  },
  status: { usage: '/status', meaning: 'connection and scrollback', read: () => ({ type: 'status' }) },
  theme: {
    usage: '/theme [NAME]',
    meaning: `other colours: ${THEME_NAMES.join(', ')}`,
    read: (rest) => {
      if (rest === '') return { type: 'theme', name: undefined };
      const name = THEME_NAMES.find((theme) => theme === rest);
      return name && { type: 'theme', name };
    },
  },
  bell: {
    usage: '/bell [on|off]',
    meaning: 'ring when somebody calls',
    read: onOff('bell'),
  },
  keys: { usage: '/keys', meaning: 'what the keys do', read: () => ({ type: 'keys' }) },
  help: { usage: '/help', meaning: 'this help', read: () => ({ type: 'help' }) },
  quit: {
    usage: '/quit [now]',
    meaning: 'leave the chat; now: also while files move',
    read: (rest) => (rest === '' || rest === 'now' ? { type: 'quit', isNow: rest === 'now' } : undefined),
  },
};

/**
 * Parses a line. A leading `/` marks a command, in any case; `//` escapes text that begins with `/`.
 *
 * @param aliases own commands; an alias stands for the start of a line
 */
export function parseLine(line: string, aliases: ReadonlyMap<string, string> = new Map()): Command {
  const text = line.trim();
  if (!text.startsWith('/')) return { type: 'say', text };
  if (text.startsWith('//')) return { type: 'say', text: text.slice(1) };
  const [given, rest] = cut(text.slice(1));
  const name = given.toLowerCase();
  const alias = aliases.get(name);
  // An alias of an alias is not looked up, so that none can refer to itself.
  if (alias !== undefined) return parseLine(`${alias} ${rest}`.trim());
  const definition = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (definition === undefined) {
    return {
      type: 'problem',
      text: `There is no command /${given}. /help lists them; //${given} would say it.`,
    };
  }
  return definition.read(rest) ?? { type: 'problem', text: `Usage: ${definition.usage}` };
}

/** True for lines with a password, which stay out of the history and the screen. */
export function isSecret(line: string, aliases?: ReadonlyMap<string, string>): boolean {
  const command = parseLine(line, aliases);
  return command.type === 'join' && command.password !== undefined;
}

function fileCommand(type: 'accept' | 'decline' | 'cancel'): (rest: string) => Command | undefined {
  return (rest) => {
    if (rest === '') return { type, number: undefined };
    return /^\d{1,6}$/.test(rest) ? { type, number: Number(rest) } : undefined;
  };
}

function onOff(type: 'bell' | 'joins'): (rest: string) => Command | undefined {
  return (rest) => {
    if (rest !== '' && rest !== 'on' && rest !== 'off') return undefined;
    return { type, on: rest === '' ? undefined : rest === 'on' };
  };
}

/** The first word and the rest. */
function cut(text: string): [word: string, rest: string] {
  const [, word = '', rest = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
  return [word, rest.trim()];
}
