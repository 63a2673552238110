import { randomInt } from 'node:crypto';
import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { connectFailure } from './connectFailure.js';
import { connectorConfig, type ConnectionSettings } from '../settings/clientSettings.js';
import { osUsername } from '../settings/clientSettings.js';

/** Without characters that look alike. */
const SUFFIX_CHARACTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const SUFFIX_LENGTH = 4;

/** Default name for short-lived commands: random, so that it takes nobody else's name. */
export function temporaryName(): string {
  return suffixed(osUsername());
}

/**
 * Connects, runs `during`, and disconnects whatever happens. A name in use gets a suffix,
 * unless the command line demands it.
 *
 * @param isNameDemanded whether the name was given on the command line
 * @throws Failure with the reason when connecting fails; what `during` throws
 */
export async function withConnection<T>(
  settings: ConnectionSettings,
  isNameDemanded: boolean,
  signal: AbortSignal,
  during: (connector: QuietRoomConnector) => Promise<T>,
  config: ConnectorConfig = {},
): Promise<T> {
  const { username } = settings;
  await using connector = openConnector(settings, {
    ...config,
    ...(isNameDemanded ? {} : { fallbackUsername: suffixed(username) }),
  });
  try {
    await connector.connect({ signal });
  } catch (error) {
    throw signal.aborted ? error : connectFailure(error, settings);
  }
  return await during(connector);
}

/**
 * Creates a connector from settings.
 *
 * @throws Failure for an invalid setting
 */
export function openConnector(settings: ConnectionSettings, more: ConnectorConfig = {}): QuietRoomConnector {
  try {
    return new QuietRoomConnector({ ...connectorConfig(settings), ...more });
  } catch (error) {
    throw connectFailure(error, settings);
  }
}

/** `alice-7kq2`. */
export function suffixed(name: string): string {
  const suffix = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_CHARACTERS[randomInt(SUFFIX_CHARACTERS.length)],
  ).join('');
  return `${name.trim().slice(0, MAX_NAME_BYTES - SUFFIX_LENGTH - 1)}-${suffix}`;
}
