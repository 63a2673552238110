import { withConnection } from '../../client/withConnection.js';
import type { ClientFlags } from '../../settings/clientOptions.js';
import type { ClientSettings } from '../../settings/clientSettings.js';
import type { ClientConnector } from './clientConnector.js';
import { findDaemon } from './findDaemon.js';

/**
 * Runs `during` with the daemon if it runs, else with a connection of its own, and ends that whatever happens.
 *
 * @throws Failure with the reason when connecting fails; what `during` throws
 */
export async function withClient<T>(
  settings: ClientSettings,
  flags: ClientFlags,
  signal: AbortSignal,
  during: (connector: ClientConnector, usesDaemon: boolean) => Promise<T>,
): Promise<T> {
  await using daemon = await findDaemon(settings, flags, { temporaryRooms: true });
  if (daemon === undefined) {
    return await withConnection(settings, flags.username !== undefined, signal, (connector) =>
      during(connector, false),
    );
  }
  signal.throwIfAborted();
  await daemon.connect();
  return await during(daemon, true);
}
