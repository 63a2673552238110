import { randomInt } from 'node:crypto';
import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { connectFailure } from '../failures/connectFailure.js';
import type { ClientSettings } from '../settings/clientSettings.js';
import { osUsername } from '../settings/osUsername.js';

/** As long as servers take. */
const MAX_NAME_BYTES = 32;

/** Without those that look like others. */
const SUFFIX_CHARACTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const SUFFIX_LENGTH = 4;

/** Who comes for a moment, when nothing says who: nobody else's name is held for that time. */
export function visitorName(): string {
  return suffixed(osUsername());
}

/**
 * Connects, does something there, and leaves in good order, whatever happens. A name in use is one with a suffix,
 * unless the command line asks for this very name.
 *
 * @param isNameDemanded whether the name was given on the command line
 * @throws Failure that says why there is no connection; what `during` throws
 */
export async function withConnection<T>(
  settings: ClientSettings,
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
 * A connector by these settings.
 *
 * @throws Failure for a setting that cannot be
 */
export function openConnector(
  { host, port, cert, username, connectTimeout }: ClientSettings,
  more: ConnectorConfig = {},
): QuietRoomConnector {
  const target = { host, port, cert };
  try {
    return new QuietRoomConnector({
      serverHost: host,
      serverPort: port,
      certFile: cert,
      username,
      connectTimeout,
      ...more,
    });
  } catch (error) {
    throw connectFailure(error, target);
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
