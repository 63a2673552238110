import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve, sep } from 'node:path';
import { ConnectorError, type Clock } from 'quietroom-connector';
import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '../settings/clientSettings.js';
import { readPasswordFile } from '../settings/passwordFile.js';
import { openConnector, suffixed } from '../client/withConnection.js';
import { connectFailure } from '../client/connectFailure.js';
import { tellProblems } from '../client/tellConnection.js';
import type { ClientConnector, ClientOffer } from '../daemon/client/clientConnector.js';
import { findDaemon, socketOf } from '../daemon/client/findDaemon.js';
import { RemoteConnector } from '../daemon/client/remoteConnector.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { makeFolder } from '../output/makeFolder.js';
import { printError, printLine } from '../output/print.js';
import { requestFailure } from '../client/requestFailure.js';
import { listenForStop, unlessStopped } from '../signals/stop.js';
import { terminalJson } from '../output/terminalJson.js';
import { ExecRunner } from './execRunner.js';
import {
  receivedEnd,
  receivedFile,
  receivedLine,
  receivedOf,
  type Received,
  type ReceivedType,
} from './received.js';

/** The options of the command line. */
export interface ListenFlags extends ClientFlags {
  readonly room?: readonly string[];
  readonly passwordFile?: string;
  readonly acceptFiles?: string;
  readonly maxFileBytes: number;
  readonly only?: readonly ReceivedType[];
  readonly count?: number;
  readonly json?: boolean;
  readonly exec?: string;
  readonly jobs: number;
  readonly queue: number;
  /** Seconds. */
  readonly execTimeout: number;
}

const DEFAULT_TYPES: readonly ReceivedType[] = ['dm', 'room', 'lobby', 'file'];

const CLOCK: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  // A timer of this clock is what its setTimeout returned.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/**
 * Prints messages, and runs a command for each, until it is stopped or `--count` messages have come. A lost
 * connection is made again.
 *
 * @param args arguments of the command
 * @throws Failure when connecting or joining fails, or the server presents another certificate
 */
export async function listen(args: readonly string[], flags: ListenFlags): Promise<void> {
  const settings = await clientSettings(flags);
  assertFlags(args, flags);
  const { passwordFile } = flags;
  const password = passwordFile === undefined ? undefined : readPasswordFile(passwordFile);
  const stop = listenForStop();
  const runner = flags.exec === undefined ? undefined : execRunner(flags.exec, args, flags, settings);
  const abandon = (): void => runner?.abandon();
  process.once('exit', abandon);
  try {
    const daemon = await findDaemon(settings, flags, { temporaryRooms: true });
    await using connector = daemon ?? openOwn(settings, flags);
    const enough = tellMessages(connector, flags, runner);
    try {
      await begin(connector, settings, flags.room ?? [], password, stop.signal);
    } catch (error) {
      if (stop.signal.aborted) return;
      throw requestFailure(error, settings);
    }
    tellProblems(connector);
    const reason = await unlessStopped(stop.signal, Promise.race([connector.closed, enough]));
    await connector.disconnect();
    if (runner) await unlessStopped(stop.signal, runner.idle());
    if (reason instanceof Error) throw connectFailure(reason, settings);
  } finally {
    await runner?.stop();
    process.off('exit', abandon);
  }
}

function openOwn(settings: ClientSettings, { username }: ListenFlags): ClientConnector {
  return openConnector(settings, {
    reconnect: true,
    ...(username === undefined ? { fallbackUsername: suffixed(settings.username) } : {}),
  });
}

function assertFlags(args: readonly string[], { exec, room, passwordFile, acceptFiles }: ListenFlags): void {
  if (acceptFiles !== undefined) assertFolder(acceptFiles);
  if (exec !== undefined) assertExecutable(exec);
  const problem =
    args.length > 0 && exec === undefined
      ? `There is no command for the arguments ${args.join(' ')}: give --exec.`
      : passwordFile !== undefined && room === undefined
        ? '--password-file is for a room: give --room.'
        : undefined;
  if (problem !== undefined) {
    throw new Failure(EXIT_CODES.usage, `${problem} See "quietroom listen --help".`);
  }
}

/** Checks the folder at the start rather than at the first file; makes one whose path ends in a slash. */
function assertFolder(path: string): void {
  try {
    if (path.endsWith('/') || path.endsWith(sep)) makeFolder(path);
    accessSync(`${path}/.`, constants.W_OK);
  } catch (error) {
    throw new Failure(
      EXIT_CODES.failure,
      `Files cannot be taken into ${JSON.stringify(path)}: it is no folder, or cannot be written. Make it first, end it with "/" to have it made, or name another with --accept-files.`,
      { cause: error },
    );
  }
}

/** Checks the command at the start rather than at the first message. */
function assertExecutable(file: string): void {
  const isPath = file.includes('/') || file.includes(sep);
  const folders = isPath ? [''] : (process.env.PATH ?? '').split(delimiter).map((folder) => folder + sep);
  // On Windows the name may lack its ending.
  const endings = process.platform === 'win32' ? ['', ...(process.env.PATHEXT ?? '').split(';')] : [''];
  const problem = folders.some((folder) => endings.some((ending) => isExecutable(folder + file + ending)))
    ? undefined
    : isPath
      ? 'it is missing, or not executable'
      : 'no folder of PATH has such a program';
  if (problem === undefined) return;
  throw new Failure(
    EXIT_CODES.failure,
    `${JSON.stringify(file)} cannot be run: ${problem}. Check --exec; it is a program, not a line for a shell.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Lets a command answer with `quietroom send` on the same server. */
function execRunner(
  file: string,
  args: readonly string[],
  { jobs, queue, execTimeout }: ListenFlags,
  settings: ClientSettings,
): ExecRunner {
  const { host, port, cert } = settings;
  return new ExecRunner({
    file,
    args,
    environment: {
      ...process.env,
      QUIETROOM_HOST: host,
      QUIETROOM_PORT: `${port}`,
      QUIETROOM_CERT: resolve(cert),
      QUIETROOM_DAEMON_SOCKET: resolve(socketOf(settings)),
    },
    jobs,
    maxWaiting: queue,
    timeoutMs: execTimeout * 1000,
    clock: CLOCK,
    report: printError,
  });
}

/** Resolves after the requested number of messages; never without a limit. */
function tellMessages(
  connector: ClientConnector,
  flags: ListenFlags,
  runner: ExecRunner | undefined,
): Promise<void> {
  const { only = DEFAULT_TYPES, count = Infinity, json = false, room: rooms = [] } = flags;
  return new Promise((resolveEnough) => {
    let left = count;
    const tell = (received: Received | undefined): void => {
      if (received === undefined || !only.includes(received.type) || left === 0) return;
      left--;
      printReceived(received, json);
      runner?.push(received);
      if (left === 0) resolveEnough();
    };
    connector.onDm((_sender, _text, event) => tell(receivedOf(event)));
    connector.onLobbyMessage((_sender, _text, event) => tell(receivedOf(event)));
    connector.onPresence((_name, _change, event) => tell(receivedOf(event)));
    connector.onSystemMessage((_text, event) => tell(receivedOf(event)));
    connector.onRoomMessage((room, _sender, _text, event) => {
      // A daemon can be in other rooms, too. A 1.1 server does not name the room.
      if (rooms.length === 0 || room === '' || rooms.includes(room)) tell(receivedOf(event));
    });
    if (connector instanceof RemoteConnector && flags.acceptFiles === undefined) {
      // Other clients of the daemon may take files: only report what becomes of them.
      connector.onFileEnd((end) => tell(receivedEnd(end)));
    } else {
      connector.onFileOffer(async (offer) => tell(await answerOffer(offer, flags)));
    }
  });
}

/** Accepts an offered file if files are wanted; resolves with the outcome. */
async function answerOffer(
  offer: ClientOffer,
  { acceptFiles, maxFileBytes }: ListenFlags,
): Promise<Received> {
  try {
    if (acceptFiles === undefined) {
      await offer.decline();
      return receivedFile(offer, 'declined');
    }
    return receivedFile(offer, await offer.accept({ folder: acceptFiles }, { maxBytes: maxFileBytes }));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    printError(`${offer.sender}: ${error.message}`);
    return receivedFile(offer, { error: error.code });
  }
}

function printReceived(received: Received, json: boolean): void {
  if (json) process.stdout.write(`${terminalJson(received)}\n`);
  else printLine(receivedLine(received));
}

async function begin(
  connector: ClientConnector,
  { host, port }: ClientSettings,
  rooms: readonly string[],
  password: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  await connector.connect({ signal });
  for (const room of rooms) {
    const { created } = await connector.joinRoom(room, password, { signal });
    if (created) printError(`There was no room ${room}: it was made, and nobody else is in it.`);
  }
  const places = rooms.length === 0 ? '' : `, in ${rooms.join(' ')}`;
  const by = connector instanceof RemoteConnector ? ' by the daemon' : '';
  printError(`Listening as ${connector.username} on ${host}:${port}${by}${places}. Ctrl-C ends it.`);
}
