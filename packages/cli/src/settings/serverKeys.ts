import { RELOADABLE_DEFAULTS, type ReloadableOptions, type ServerOptions } from '@quietroom/server';

/** Options of the server that only a start can change. */
export type StartOptions = Pick<ServerOptions, 'port' | 'host' | 'generation' | 'padding'>;

/** A key of `server_config.json`. */
export interface ConfigKey {
  readonly key: string;
  /** The server option that it sets; absent for settings of the command. */
  readonly option?: keyof StartOptions | keyof ReloadableOptions;
  /** The default, as text for people. */
  readonly fallback: string;
  /** Absent when docs/server.md describes the option. */
  readonly meaning?: string;
}

const START_KEYS: readonly ConfigKey[] = [
  { key: 'port', option: 'port', fallback: '37842', meaning: 'the port to listen on; 0 for any free one' },
  {
    key: 'host',
    option: 'host',
    fallback: 'all addresses',
    meaning: 'the address to listen on; without the file it is 127.0.0.1',
  },
  {
    key: 'log_file',
    fallback: 'standard output',
    meaning: 'where the log goes; `"-"` for standard output, too',
  },
  {
    key: 'security_log_file',
    fallback: 'none',
    meaning: 'where entries about security go a second time',
  },
  {
    key: 'log_format',
    fallback: '`"json"`; `"text"` on a terminal',
    meaning: 'how both logs are written',
  },
  {
    key: 'log_addresses',
    fallback: 'true',
    meaning: 'whether the log has the addresses of clients; the security log always has them',
  },
  {
    key: 'metrics_port',
    fallback: 'none',
    meaning: 'the port of 127.0.0.1 for `/metrics` and `/healthz`; 0 for any free one',
  },
  {
    key: 'generation',
    option: 'generation',
    fallback: '`"1.2"`',
    meaning: 'whose answers to give; or `"1.1"`',
  },
  {
    key: 'padding',
    option: 'padding',
    fallback: '`"uniform"`',
    meaning: 'cells of 512 bytes; or `"random"`: 1 to 255 bytes',
  },
];

const MEANINGS: Partial<Record<keyof ReloadableOptions, string>> = {
  decoyTraffic: 'send every user random packets',
  decoyInterval: 'the mean pause between them',
  decoyMinBytes: 'the smallest of them',
  decoyMaxBytes: 'the largest of them; at most 4096',
  motd: 'the message of the day, which users get after the welcome',
};

// Object.keys returns strings; these are all keys.
const RELOADABLE_OPTIONS = Object.keys(RELOADABLE_DEFAULTS) as (keyof ReloadableOptions)[];

const RELOADABLE_KEYS: readonly ConfigKey[] = RELOADABLE_OPTIONS.map((option) => {
  const meaning = MEANINGS[option];
  return {
    key: configKeyOf(option),
    option,
    fallback: String(RELOADABLE_DEFAULTS[option]) || 'none',
    ...(meaning === undefined ? {} : { meaning }),
  };
});

/** All keys. Keys of existing servers keep their names; new keys follow the same style. */
export const CONFIG_KEYS: readonly ConfigKey[] = [...START_KEYS, ...RELOADABLE_KEYS];

/** True when a reload applies the key. */
export function isReloadable({ option }: ConfigKey): boolean {
  return option !== undefined && Object.hasOwn(RELOADABLE_DEFAULTS, option);
}

/** `maxRooms` is `max_rooms`, and `idleTimeout`, a duration, `idle_timeout_seconds`. */
function configKeyOf(option: string): string {
  const snake = option.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return /_(?:timeout|interval|lockout)$/.test(snake) ? `${snake}_seconds` : snake;
}
