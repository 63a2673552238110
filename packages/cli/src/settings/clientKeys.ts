import { CONNECT_PORT, FLAG, HOST, HOURS, SECONDS, TEXT, type ValueKind } from './valueKinds.js';

/** A setting of the commands that connect to a server. */
export interface ClientKey<T = unknown> {
  /** The key in the configuration file; the option of `connectTimeout` is `--connect-timeout`. */
  readonly key: string;
  /** The placeholder of its value in the help; absent for flags. */
  readonly placeholder?: string;
  readonly kind: ValueKind<T>;
  /** The default; undefined when it depends on the command. */
  readonly fallback: T | undefined;
  readonly meaning: string;
  /** A path. In a file it is relative to the file's folder; a leading `~/` is the home folder. */
  readonly isPath?: boolean;
}

/** The settings to reach a server; also the keys of a profile. */
export const CONNECTION_KEYS = {
  host: key({
    key: 'host',
    placeholder: 'host',
    kind: HOST,
    fallback: 'localhost',
    meaning: 'name or address of the server',
  }),
  port: key({
    key: 'port',
    placeholder: 'port',
    kind: CONNECT_PORT,
    fallback: 37842,
    meaning: 'port of the server',
  }),
  cert: key({
    key: 'cert',
    placeholder: 'file',
    kind: TEXT,
    fallback: 'chat_public.pem',
    meaning: 'pinned certificate of the server',
    isPath: true,
  }),
  username: key<string>({
    key: 'username',
    placeholder: 'name',
    kind: TEXT,
    fallback: undefined,
    meaning: 'username to log in with',
  }),
  connectTimeout: key({
    key: 'connectTimeout',
    placeholder: 'seconds',
    kind: SECONDS,
    fallback: 30,
    meaning: 'time limit for connecting',
  }),
};

/** The settings of `quietroom chat`; in the file they are members of `chat`. */
export const CHAT_KEYS = {
  theme: key({
    key: 'theme',
    placeholder: 'name',
    kind: TEXT,
    fallback: 'default',
    meaning: 'colour theme',
  }),
  bell: key({
    key: 'bell',
    kind: FLAG,
    fallback: false,
    meaning: 'ring the terminal bell for messages',
  }),
  quietHours: key<string>({
    key: 'quietHours',
    placeholder: 'span',
    kind: HOURS,
    fallback: 'none',
    meaning: 'hours without a bell, such as 22:00-07:00',
  }),
  downloads: key({
    key: 'downloads',
    placeholder: 'folder',
    kind: TEXT,
    fallback: '.',
    meaning: 'folder for accepted files',
    isPath: true,
  }),
};

/** The profile in use. */
export const PROFILE_KEY = key<string>({
  key: 'profile',
  placeholder: 'profile',
  kind: TEXT,
  fallback: undefined,
  meaning: 'profile in the configuration file',
});

/** The variable that names the configuration file. */
export const CONFIG_VARIABLE = 'QUIETROOM_CONFIG';

/** `QUIETROOM_CONNECT_TIMEOUT` for `connectTimeout`. */
export function variableOf({ key: name }: ClientKey): string {
  return `QUIETROOM_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** `--connect-timeout` for `connectTimeout`. */
export function flagOf({ key: name }: ClientKey): string {
  return `--${name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()}`;
}

/** Infers the exact type of a key. */
function key<T>(parts: ClientKey<T>): ClientKey<T> {
  return parts;
}
