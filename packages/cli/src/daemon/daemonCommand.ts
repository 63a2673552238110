import { once } from 'node:events';
import { resolve } from 'node:path';
import type { QuietRoomConnector } from 'quietroom-connector';
import { connectFailure } from '../client/connectFailure.js';
import { requestFailure } from '../client/requestFailure.js';
import { tellProblems } from '../client/tellConnection.js';
import { openConnector } from '../client/withConnection.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printError } from '../output/print.js';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { readPasswordFile } from '../settings/passwordFile.js';
import { Hangup } from '../signals/endOnHangup.js';
import { listenForStop } from '../signals/stop.js';
import { socketOf } from './client/findDaemon.js';
import { DaemonService } from './service/daemonService.js';
import { DaemonSocket, newToken } from './service/daemonSocket.js';

export interface DaemonFlags extends ClientFlags {
  readonly room?: readonly string[];
  readonly passwordFile?: string;
}

/** At the end, requests may take this long to be answered, in seconds. */
const DRAIN_SECONDS = 5;

/**
 * Runs the daemon until it is stopped.
 *
 * @throws Failure for wrong settings, when the socket is in use, and when connecting or reconnecting fails
 */
export async function daemon(flags: DaemonFlags): Promise<void> {
  const stop = listenForStop({ needsOutput: false });
  const hangup = new Hangup(stop);
  const settings = await clientSettings(flags);
  const path = socketOf(settings);
  if (flags.passwordFile !== undefined && flags.room === undefined) {
    throw new Failure(
      EXIT_CODES.usage,
      '--password-file is for a room: give --room. See "quietroom daemon --help".',
    );
  }
  const password = flags.passwordFile === undefined ? undefined : readPasswordFile(flags.passwordFile);
  const connector = openConnector(settings, { reconnect: true, whileDisconnected: 'hold' });
  const { host, port, cert } = settings;
  const token = newToken();
  const service = new DaemonService({
    connector,
    host,
    port,
    cert: resolve(cert),
    token,
    stop: () => stop.abort(),
  });
  // Before the login: a second daemon must not take the name of the first.
  const socket = await DaemonSocket.listen(path, token, service.handle);
  try {
    await connect(connector, settings, stop.signal);
    if (stop.signal.aborted) return;
    await joinAll(service, flags.room ?? [], password, settings);
    tellProblems(connector);
    printError(`${connector.username} is on ${host}:${port}. Socket: ${path}. Ctrl-C ends it.`);
    if (!stop.signal.aborted) await Promise.race([once(stop.signal, 'abort'), connector.closed]);
    // The requests that are open get their answers.
    await connector.drain({ timeout: DRAIN_SECONDS });
  } finally {
    await connector.disconnect();
    await socket.close();
    hangup.endIfHungUp();
  }
  const reason = await connector.closed;
  if (reason) throw connectFailure(reason, settings);
}

async function connect(
  connector: QuietRoomConnector,
  settings: ClientSettings,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connector.connect({ signal });
  } catch (error) {
    if (!signal.aborted) throw connectFailure(error, settings);
  }
}

async function joinAll(
  service: DaemonService,
  rooms: readonly string[],
  password: string | undefined,
  settings: ClientSettings,
): Promise<void> {
  for (const room of rooms) {
    try {
      const { created } = await service.join(room, password);
      if (created) printError(`There was no room ${room}: it was made, and nobody else is in it.`);
    } catch (error) {
      throw requestFailure(error, settings);
    }
  }
  service.begin();
}
