import { resolve } from 'node:path';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import { RpcError } from '../../rpc/jsonRpc.js';
import { RpcConnectionError } from '../../rpc/rpcClient.js';
import type { ClientFlags } from '../../settings/clientOptions.js';
import type { ClientSettings } from '../../settings/clientSettings.js';
import { daemonAddress, daemonSocketPath } from './daemonAddress.js';
import { DaemonConnection } from './daemonConnection.js';
import { RemoteConnector } from './remoteConnector.js';

/** The socket that the settings lead to. */
export function socketOf({ daemonSocket, profile }: ClientSettings): string {
  return daemonSocketPath(daemonSocket, profile);
}

/**
 * Connects to the daemon of the settings. Undefined when the command is to connect by itself: when no daemon runs, or
 * it is for another server or name.
 *
 * @param options `temporaryRooms`: leave rooms at the end that were joined here
 * @throws Failure when a daemon is demanded and there is none, and when the one that there is cannot be used
 */
export async function findDaemon(
  settings: ClientSettings,
  flags: ClientFlags,
  options: { readonly temporaryRooms: boolean },
): Promise<RemoteConnector | undefined> {
  if (settings.daemon === false) return undefined;
  const path = socketOf(settings);
  const connection = await openDaemon(path);
  if (connection === undefined) {
    if (settings.daemon === undefined) return undefined;
    throw new Failure(
      EXIT_CODES.unreachable,
      `No daemon listens at ${JSON.stringify(path)}. Start it with "quietroom daemon", or give --no-daemon.`,
    );
  }
  const difference = differenceOf(settings, flags, connection.hello);
  if (difference === undefined) {
    const find = async (): Promise<DaemonConnection | undefined> => {
      const again = await openDaemon(path);
      if (again === undefined || differenceOf(settings, flags, again.hello) === undefined) return again;
      again.close();
      return undefined;
    };
    return new RemoteConnector(connection, { ...options, find });
  }
  connection.close();
  if (settings.daemon === undefined) return undefined;
  throw new Failure(EXIT_CODES.usage, `The daemon at ${JSON.stringify(path)} ${difference}.`);
}

/**
 * Connects to the daemon with this socket; undefined when none runs.
 *
 * @throws Failure
 */
export async function openDaemon(path: string): Promise<DaemonConnection | undefined> {
  const address = daemonAddress(path);
  if (address === undefined) return undefined;
  try {
    return await DaemonConnection.open(address);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    // The socket of a daemon that was killed.
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined;
    const isBusy = error instanceof RpcError;
    if (!isBusy && !(error instanceof RpcConnectionError) && code === undefined) throw error;
    const problem = isBusy
      ? `refuses this command: ${error.message}`
      : `does not answer (${code ?? 'no answer'}).`;
    throw new Failure(
      EXIT_CODES.unreachable,
      `The daemon at ${JSON.stringify(path)} ${problem} Restart it, or give --no-daemon.`,
      { cause: error },
    );
  }
}

/** Why the daemon does something else than this command would; undefined when it does the same. */
function differenceOf(
  { host, port, cert, username }: ClientSettings,
  flags: ClientFlags,
  daemon: DaemonConnection['hello'],
): string | undefined {
  if (host !== daemon.host || port !== daemon.port) {
    return `is for ${daemon.host}:${daemon.port}, not for ${host}:${port}`;
  }
  if (flags.username !== undefined && username !== daemon.username) {
    return `is ${daemon.username}, not ${username}`;
  }
  if (flags.cover !== undefined || flags.leaveSteadyForFiles !== undefined) {
    return 'has a cover of its own: give --cover to "quietroom daemon"';
  }
  if (flags.cert !== undefined && resolve(cert) !== daemon.cert) {
    return `pins ${daemon.cert}, not ${resolve(cert)}`;
  }
  return undefined;
}
