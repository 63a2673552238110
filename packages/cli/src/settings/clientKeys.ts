import { THEME_NAMES } from '@quietroom/chat/constants';
import { CERT_FILE, DEFAULT_PORT } from '@quietroom/protocol/constants';
import type { Setting } from './setting.js';
import { CONNECT_PORT, COUNT, COVER, FLAG, HOST, HOURS, LIST, oneOf, SECONDS, TEXT } from './valueKinds.js';

/** A setting to reach a server, and the connector's option that it sets. */
interface ConnectionSetting extends Setting {
  readonly option: string;
}

/** The settings to reach a server. */
export const CONNECTION_KEYS = {
  host: {
    name: 'host',
    option: 'serverHost',
    placeholder: 'host',
    kind: HOST,
    fallback: 'localhost',
    meaning: 'name or address of the server',
  },
  port: {
    name: 'port',
    option: 'serverPort',
    placeholder: 'port',
    kind: CONNECT_PORT,
    fallback: DEFAULT_PORT,
    meaning: 'port of the server',
  },
  cert: {
    name: 'cert',
    option: 'certFile',
    placeholder: 'file',
    kind: TEXT,
    fallback: CERT_FILE,
    meaning: 'pinned certificate of the server',
    isPath: true,
  },
  username: {
    name: 'username',
    option: 'username',
    placeholder: 'name',
    kind: TEXT,
    fallback: undefined,
    meaning: 'username to log in with',
  },
  connectSeconds: {
    name: 'connectTimeout',
    option: 'connectTimeout',
    placeholder: 'seconds',
    kind: SECONDS,
    fallback: 30,
    meaning: 'time limit for connecting',
  },
  cover: {
    name: 'cover',
    option: 'cover',
    placeholder: 'mode',
    kind: COVER,
    fallback: 'decoys',
    meaning:
      'what hides when you write: decoys, which hide little, or steady, a cell per second; steady:0.5 sets the seconds, steady:answers covers the answers, too',
  },
  leaveSteadyForFiles: {
    name: 'leaveSteadyForFiles',
    option: 'leaveSteadyForFiles',
    kind: FLAG,
    fallback: false,
    meaning: 'leave the steady cover while a file is sent or received',
  },
} as const satisfies Readonly<Record<string, ConnectionSetting>>;

/** The settings to use a daemon. */
export const DAEMON_KEYS = {
  daemon: {
    name: 'daemon',
    kind: FLAG,
    fallback: undefined,
    fallbackText: 'if one runs for this server',
    meaning: 'use the running daemon',
  },
  daemonSocket: {
    name: 'daemonSocket',
    placeholder: 'path',
    kind: TEXT,
    fallback: undefined,
    fallbackText: 'one for each profile',
    meaning: 'socket of the daemon',
    isPath: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The keys of a profile. */
export const PROFILE_KEYS = { ...CONNECTION_KEYS, ...DAEMON_KEYS } as const;

/** The settings of `quietroom chat`; in the file they are members of `chat`. */
export const CHAT_KEYS = {
  theme: {
    name: 'theme',
    placeholder: 'name',
    kind: oneOf(...THEME_NAMES),
    fallback: 'default',
    meaning: 'colour theme; default: dark or light by the background',
  },
  bell: {
    name: 'bell',
    kind: FLAG,
    fallback: false,
    meaning: 'ring the terminal bell for messages',
  },
  quietHours: {
    name: 'quietHours',
    placeholder: 'span',
    kind: HOURS,
    fallback: 'none',
    meaning: 'hours without bell, notification and command, such as 22:00-07:00',
  },
  notify: {
    name: 'notify',
    placeholder: 'sequence',
    kind: oneOf('none', 'osc9', 'osc777', 'osc99'),
    fallback: 'none',
    meaning: 'notification of the terminal for calls',
  },
  notifyCommand: {
    name: 'notifyCommand',
    placeholder: 'program',
    kind: TEXT,
    fallback: undefined,
    fallbackText: 'none',
    meaning: 'program to run for calls, with title and text',
  },
  highlight: {
    name: 'highlight',
    placeholder: 'words',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'words that count as mentions, with commas between them',
  },
  ignore: {
    name: 'ignore',
    placeholder: 'names',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'names whose messages are not shown',
  },
  mute: {
    name: 'mute',
    placeholder: 'rooms',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'rooms that never call you',
  },
  hideJoinsAbove: {
    name: 'hideJoinsAbove',
    placeholder: 'people',
    kind: COUNT,
    fallback: 1_000_000,
    fallbackText: 'never',
    meaning: 'hide joins and leaves in larger places',
  },
  aliases: {
    name: 'aliases',
    placeholder: 'aliases',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'own commands, as w=/msg bob',
  },
  mouse: {
    name: 'mouse',
    kind: FLAG,
    fallback: false,
    meaning: 'scroll by the wheel, choose places by a click',
  },
  log: {
    name: 'log',
    placeholder: 'folder',
    kind: TEXT,
    fallback: undefined,
    fallbackText: 'none',
    meaning: 'folder for a log of each place',
    isPath: true,
  },
  logFormat: {
    name: 'logFormat',
    placeholder: 'format',
    kind: oneOf('json', 'text'),
    fallback: 'json',
    meaning: 'format of the log; json is shown again at the next start',
  },
  rooms: {
    name: 'rooms',
    placeholder: 'rooms',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'rooms to join at the start, with commas between them',
  },
  passwordFiles: {
    name: 'passwordFiles',
    placeholder: 'files',
    kind: LIST,
    fallback: [],
    fallbackText: 'none',
    meaning: 'files with passwords of rooms, as #room=file',
  },
  downloads: {
    name: 'downloads',
    placeholder: 'folder',
    kind: TEXT,
    fallback: '.',
    meaning: 'folder for accepted files',
    isPath: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The profile in use. */
export const PROFILE_KEY = {
  name: 'profile',
  placeholder: 'profile',
  kind: TEXT,
  fallback: undefined,
  meaning: 'profile in the configuration file',
} as const satisfies Setting;

/** The variable that names the configuration file. */
export const CONFIG_VARIABLE = 'QUIETROOM_CONFIG';
