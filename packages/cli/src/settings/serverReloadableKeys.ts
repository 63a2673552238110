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
  penaltyExempt: 'addresses and networks without penalties: behind a proxy or Tor all clients have one',
  cover:
    '"decoys"; or "steady": a cell of 512 bytes per second to every user, always; { "mode": "steady", "interval": 0.5 } sets the seconds',
  leaveSteadyForFiles: 'leave the steady cover during a file transfer; otherwise files are refused then',
  motd: 'the message of the day, which users get after the welcome',
};

// Object.keys returns strings; these are all keys.
const OPTIONS = Object.keys(RELOADABLE_DEFAULTS) as (keyof ReloadableOptions)[];

/** All of them, in the order of the server's defaults. */
export const RELOADABLE_KEYS: readonly ReloadableKey[] = OPTIONS.map((option) => {
  const meaning = MEANINGS[option];
  return {
    option,
    fallbackText: fallbackOf(option),
    ...(meaning === undefined ? {} : { meaning }),
  };
});

function fallbackOf(option: keyof ReloadableOptions): string {
  const fallback = RELOADABLE_DEFAULTS[option];
  return typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback) || 'none';
}
