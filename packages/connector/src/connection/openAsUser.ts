import { normalizeUsername } from '@quietroom/protocol';
import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { LoginError } from '../errors.js';
import type { Log } from '../observe/log.js';
import type { StatsRecorder } from '../observe/stats.js';
import type { ResolvedConfig } from '../options/config.js';
import type { Connection } from './connection.js';
import { openConnection } from './openConnection.js';

/**
 * The names to log in by, in the order in which they are tried.
 *
 * @throws LoginError `NAME_INVALID`
 */
export function usernamesOf({ username, fallbackUsername = username }: ResolvedConfig): string[] {
  return [...new Set([username, fallbackUsername].map(checkUsername))];
}

/**
 * Connects and logs in, by the second name where the first is in use.
 *
 * @throws as `openConnection` and `usernamesOf`
 */
export async function openAsUser(
  config: ResolvedConfig,
  isAgain: boolean,
  stats: StatsRecorder,
  signal: AbortSignal,
  log: Log,
): Promise<Connection> {
  const [username = '', fallback] = usernamesOf(config);
  try {
    return await openConnection(config, { username, isAgain }, stats, signal);
  } catch (error) {
    if (!(error instanceof LoginError) || error.code !== 'NAME_TAKEN') throw error;
    const next = fallback === undefined ? '' : `; trying ${JSON.stringify(fallback)}`;
    const message = `The name ${JSON.stringify(username)} is in use${next}.`;
    log({ level: 'warn', event: 'nameTaken', message, username });
    if (fallback === undefined) throw error;
    return openConnection(config, { username: fallback, isAgain }, stats, signal);
  }
}

function checkUsername(username: string): string {
  const normalized = normalizeUsername(username);
  if (normalized !== undefined) return normalized;
  throw new LoginError(
    'NAME_INVALID',
    `${JSON.stringify(username)} is not a valid username: servers accept 1 to ${MAX_NAME_BYTES} of A-Z a-z 0-9 space _ - .`,
    { username },
  );
}
