import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printJson, printLine } from '../output/print.js';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings } from '../settings/clientSettings.js';
import type { DaemonConnection } from './client/daemonConnection.js';
import { openDaemon, socketOf } from './client/findDaemon.js';

/** Prints what the daemon does. */
export async function daemonStatus(flags: ClientFlags & { readonly json?: true }): Promise<void> {
  const { path, connection } = await runningDaemon(flags);
  const { hello } = connection;
  connection.close();
  // This command itself is one of the clients.
  const clients = hello.clients - 1;
  if (flags.json === true) return printJson({ ...hello, clients, socket: path });
  const { username, host, port, state, cause, rooms, pid, startedAt } = hello;
  printLine(`${username} on ${host}:${port}: ${state}${cause === null ? '' : ` (${cause.message})`}`);
  printLine(`Rooms: ${rooms.length === 0 ? 'none' : rooms.join(' ')}`);
  printLine(`Clients: ${clients}`);
  printLine(`Process ${pid}, since ${startedAt}, version ${hello.version}`);
  printLine(`Socket: ${path}`);
}

/** Ends the daemon; resolves when its socket is closed. */
export async function daemonStop(flags: ClientFlags): Promise<void> {
  const { connection } = await runningDaemon(flags);
  const closed = new Promise<void>((resolve) => {
    connection.listener = { event: () => {}, lost: () => {}, closed: resolve };
  });
  await connection.call('stop', {});
  await closed;
  printLine('The daemon has ended.');
}

async function runningDaemon(
  flags: ClientFlags,
): Promise<{ readonly path: string; readonly connection: DaemonConnection }> {
  const path = socketOf(await clientSettings(flags));
  const connection = await openDaemon(path);
  if (connection) return { path, connection };
  throw new Failure(EXIT_CODES.unreachable, `No daemon listens at ${JSON.stringify(path)}.`);
}
