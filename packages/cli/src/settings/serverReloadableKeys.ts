import { RELOADABLE_DEFAULTS, type ReloadableOptions } from '@quietroom/server';

/** An option of the server that a reload can change; a key of `server_config.json`. The server checks its value. */
export interface ReloadableKey {
  readonly option: keyof ReloadableOptions;
  /** The default, as text for people. */
  readonly fallbackText: string;
  /** Absent when the section Limits of docs/server.md describes the option. */
  readonly meaning?: string;
}

const MEANINGS: Partial<Record<keyof ReloadableOptions, string>> = {
  decoyTraffic: 'send every user random packets',
  decoyInterval: 'the mean pause between them',
  decoyMinBytes: 'the smallest of them',
  decoyMaxBytes: 'the largest of them',
  logEntriesPerMinute: 'log entries of one kind for one address in a minute; further ones are counted',
  motd: 'the message of the day, which users get after the welcome',
};

// Object.keys returns strings; these are all keys.
const OPTIONS = Object.keys(RELOADABLE_DEFAULTS) as (keyof ReloadableOptions)[];

/** All of them, in the order of the server's defaults. */
export const RELOADABLE_KEYS: readonly ReloadableKey[] = OPTIONS.map((option) => {
  const meaning = MEANINGS[option];
  return {
    option,
    fallbackText: String(RELOADABLE_DEFAULTS[option]) || 'none',
    ...(meaning === undefined ? {} : { meaning }),
  };
});
