import { join } from 'node:path';
import { ConnectorError } from 'quietroom-connector';
import type { ChatFlags } from '../settings/clientOptions.js';
import { clientSettings, type ChatSettings, type ClientSettings } from '../settings/clientSettings.js';
import { openConnector } from '../client/withConnection.js';
import { connectFailure } from '../client/connectFailure.js';
import type { ClientConnector } from '../daemon/client/clientConnector.js';
import { findDaemon } from '../daemon/client/findDaemon.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printLine } from '../output/print.js';
import { listenForStop } from '../signals/stop.js';
import { ChatSession } from './session/chatSession.js';
import { chooseProfile } from './chooseProfile.js';
import { connectorFiles } from './session/connectorFiles.js';
import { roomPasswords } from './roomPasswords.js';
import { firstRun, isFirstRun } from './firstRun.js';
import { explain } from './explain.js';
import { Hangup } from '../signals/endOnHangup.js';
import { PlainChat } from './plain/plainChat.js';
import { Notifier } from './terminal/notifier.js';
import { ChatLog } from './session/chatLog.js';
import { PinComparison } from './session/pinComparison.js';
import { TerminalLines } from './plain/terminalLines.js';
import { terminalText } from '../output/terminalText.js';
import { isQuiet } from './quietHours.js';
import { backgroundOf } from './terminal/background.js';
import { colourDepth } from './terminal/colourDepth.js';
import { FullScreen } from './terminal/fullScreen.js';

export interface ChatCommandFlags extends ChatFlags {
  readonly plain?: boolean;
  readonly room?: readonly string[];
}

/** The longest pause between reconnects, in seconds: a person is waiting. */
const MAX_RECONNECT_DELAY = 15;
const ROUND_TRIP_INTERVAL_MS = 15_000;

/**
 * Runs the chat until the user leaves it.
 *
 * @throws Failure for wrong settings, and when connecting or reconnecting fails
 */
export async function chat(flags: ChatCommandFlags): Promise<void> {
  const stop = listenForStop();
  const hangup = new Hangup(stop);
  let settings = await chosenSettings(flags, stop.signal);
  while (settings) {
    const profile = await chatOn(settings, flags, stop);
    settings = profile === undefined ? undefined : await clientSettings({ ...flags, profile });
  }
  hangup.endIfHungUp();
}

/** Leads through the first run; adds the profile that the user chooses when there are several and none is given. */
async function chosenSettings(
  flags: ChatCommandFlags,
  stop: AbortSignal,
): Promise<ClientSettings | undefined> {
  const settings = await clientSettings(flags);
  const { profiles, profile } = settings;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (isTerminal && isFirstRun(flags, settings, process.env)) {
    const config = await firstRun(settings.connectSeconds, process.env);
    return config === undefined ? undefined : clientSettings({ ...flags, config });
  }
  const isOpen = profile === undefined && flags.host === undefined && profiles.length > 1;
  if (!isOpen || !isTerminal) return settings;
  const chosen = await chooseProfile(profiles, stop, flags.plain === true);
  return chosen === undefined ? undefined : clientSettings({ ...flags, profile: chosen });
}

async function chatOn(
  settings: ClientSettings,
  flags: ChatCommandFlags,
  stop: AbortController,
): Promise<string | undefined> {
  const { host, port, chat: look } = settings;
  /** Ends this chat; the command goes on with the next profile, if one was chosen. */
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  stop.signal.addEventListener('abort', leave, { once: true });
  if (stop.signal.aborted) leave();
  const { theme } = look;
  // Before connecting, so that a missing file is told at once.
  const passwords = roomPasswords(look.passwordFiles);
  const daemon = await findDaemon(settings, flags, { temporaryRooms: false });
  const connector: ClientConnector =
    daemon ??
    openConnector(settings, {
      reconnect: { maxDelay: MAX_RECONNECT_DELAY },
      whileDisconnected: 'hold',
    });
  const { stdin: input, stdout: output } = process;
  const isPlain = flags.plain === true || !input.isTTY || !output.isTTY || process.env.TERM === 'dumb';
  const quit = leave;
  const notifier = new Notifier({
    write: output.isTTY ? (text) => output.write(text) : undefined,
    sequence: look.notify,
    command: look.notifyCommand,
    now: () => performance.now(),
  });
  let next: string | undefined;
  const session = new ChatSession(connector, {
    start: {
      self: connector.username,
      server: `${host}:${port}${daemon ? ' by the daemon' : ''}`,
      theme,
      bell: look.bell,
      profiles: settings.profiles.map(({ name }) => name),
      highlights: look.highlight,
      ignored: look.ignore,
      muted: look.mute.map((room) => `room:${room}` as const),
      hideJoinsAbove: look.hideJoinsAbove,
      aliases: look.aliases.map(aliasOf),
    },
    files: connectorFiles(connector, look.downloads),
    log: openLog(look, `${host}:${port}`),
    pins: new PinComparison(settings),
    notify: (call, state) => {
      if (!isQuiet(look.quietHours, new Date())) notifier.notify(call, state.bell);
    },
    connectTo: (profile) => {
      next = profile;
      leaving.abort();
    },
    quit,
    explain: (error) => explain(error, settings),
  });
  const typing =
    isPlain && input.isTTY && output.isTTY
      ? new TerminalLines({ input, write: (text) => output.write(text), interrupt: quit })
      : undefined;
  const print = typing ? (line: string): void => typing.print(terminalText(line)) : printLine;
  const plain = isPlain
    ? new PlainChat(session, { input: typing ?? input, print, stop: leaving.signal })
    : undefined;
  leaving.signal.addEventListener('abort', () => void connector.disconnect(), { once: true });

  try {
    if (!plain) printLine(`Connecting to ${host}:${port} ...`);
    await connector.connect();
  } catch (error) {
    if (leaving.signal.aborted || (error instanceof ConnectorError && error.code === 'CONNECT_CANCELLED'))
      return next;
    throw connectFailure(error, settings);
  }
  session.begin();
  const rooms = [...new Set([...(daemon?.joinedRooms ?? []), ...(flags.room ?? look.rooms)])];
  const measuring = setInterval(() => session.measure(), ROUND_TRIP_INTERVAL_MS);
  try {
    if (plain) {
      // Nobody can read the reason or leave the chat.
      void connector.closed.then(quit);
      await joinAll(session, rooms, passwords, settings, leaving.signal);
      await plain.run();
    } else {
      const screen = new FullScreen(session, {
        input,
        output,
        colourDepth: colourDepth(output, process.env),
        background: backgroundOf(process.env),
        mouse: look.mouse,
        quit,
      });
      for (const room of rooms)
        session.join(room, passwords.get(room)).catch((error: unknown) => session.problem(error));
      await onFullScreen(screen, leaving.signal);
    }
  } finally {
    clearInterval(measuring);
    await connector.disconnect();
  }
  stop.signal.removeEventListener('abort', leave);
  if (next !== undefined) return next;
  const reason = await connector.closed;
  if (reason) throw connectFailure(reason, settings);
  return undefined;
}

/** Input goes to the last room. If one cannot be joined, it would go elsewhere. */
async function joinAll(
  session: ChatSession,
  rooms: readonly string[],
  passwords: ReadonlyMap<string, string>,
  settings: ClientSettings,
  stop: AbortSignal,
): Promise<void> {
  for (const room of rooms) {
    await session.join(room, passwords.get(room)).catch((error: unknown) => {
      // The end of the connection is reported instead.
      if (stop.aborted) return;
      throw new Failure(EXIT_CODES.refused, explain(error, settings), { cause: error });
    });
  }
}

/** @throws Failure for a text that is not `name=/command …` */
function aliasOf(text: string): readonly [name: string, line: string] {
  const [, name, line] = /^([^\s=/]+)=(\/.+)$/.exec(text) ?? [];
  if (name !== undefined && line !== undefined) return [name.toLowerCase(), line];
  throw new Failure(
    EXIT_CODES.failure,
    `${JSON.stringify(text)} is not an alias. Write aliases as "w=/msg bob".`,
  );
}

/**
 * Each server has a folder of its own: names of one mean others on another.
 *
 * @throws Failure when the folder cannot be made
 */
function openLog({ log: folder, logFormat: format }: ChatSettings, server: string): ChatLog | undefined {
  if (folder === undefined) return undefined;
  try {
    return new ChatLog({ folder: join(folder, encodeURIComponent(server)), format });
  } catch (error) {
    throw new Failure(
      EXIT_CODES.failure,
      `The folder ${JSON.stringify(folder)} for the log cannot be made. Check --log.`,
      { cause: error },
    );
  }
}

async function onFullScreen(screen: FullScreen, stop: AbortSignal): Promise<void> {
  screen.start();
  try {
    await new Promise<void>((resolve) => {
      stop.addEventListener('abort', () => resolve(), { once: true });
      if (stop.aborted) resolve();
    });
  } finally {
    screen.stop();
  }
}
