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
  | { readonly type: 'help' | 'keys' | 'quit' }
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
    read: (rest) => {
      if (rest !== '' && rest !== 'on' && rest !== 'off') return undefined;
      return { type: 'bell', on: rest === '' ? undefined : rest === 'on' };
    },
  },
  keys: { usage: '/keys', meaning: 'what the keys do', read: () => ({ type: 'keys' }) },
  help: { usage: '/help', meaning: 'this help', read: () => ({ type: 'help' }) },
  quit: { usage: '/quit', meaning: 'leave the chat', read: () => ({ type: 'quit' }) },
};

/** Parses a line. A leading `/` marks a command; `//` escapes text that begins with `/`. */
export function parseLine(line: string): Command {
  const text = line.trim();
  if (!text.startsWith('/')) return { type: 'say', text };
  if (text.startsWith('//')) return { type: 'say', text: text.slice(1) };
  const [name, rest] = cut(text.slice(1));
  const definition = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (definition === undefined) {
    return {
      type: 'problem',
      text: `There is no command /${name}. /help lists them; //${name} would say it.`,
    };
  }
  return definition.read(rest) ?? { type: 'problem', text: `It goes like this: ${definition.usage}` };
}

/** True for lines with a password, which stay out of the history and the screen. */
export function isSecret(line: string): boolean {
  const command = parseLine(line);
  return command.type === 'join' && command.password !== undefined;
}

function fileCommand(type: 'accept' | 'decline' | 'cancel'): (rest: string) => Command | undefined {
  return (rest) => {
    if (rest === '') return { type, number: undefined };
    return /^\d{1,6}$/.test(rest) ? { type, number: Number(rest) } : undefined;
  };
}

/** The first word and the rest. */
function cut(text: string): [word: string, rest: string] {
  const [, word = '', rest = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
  return [word, rest.trim()];
}
