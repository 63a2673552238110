import type { ClientFlags } from '../settings/clientOptions.js';
import { clientSettings } from '../settings/clientSettings.js';
import { temporaryName } from '../client/withConnection.js';
import type { ClientConnector } from '../daemon/client/clientConnector.js';
import { withClient } from '../daemon/client/withClient.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printLine } from '../output/print.js';
import { requestFailure } from '../client/requestFailure.js';
import { listenForStop } from '../signals/stop.js';
import { terminalJson } from '../output/terminalJson.js';

export interface QueryFlags extends ClientFlags {
  readonly json?: boolean;
}

/** A server's answer. */
export interface Answer {
  /** The value that `--json` prints. */
  readonly json: object;
  /** The lines for people. */
  readonly lines: readonly string[];
}

/**
 * Connects to a server, asks it something and prints the answer.
 *
 * @throws Failure with the reason when there is no answer
 */
export async function query(
  flags: QueryFlags,
  ask: (connector: ClientConnector, usesDaemon: boolean, signal: AbortSignal) => Promise<Answer>,
): Promise<void> {
  const settings = await clientSettings(flags, { username: temporaryName() });
  const { signal } = listenForStop();
  let answer: Answer;
  try {
    answer = await withClient(settings, flags, signal, (connector, usesDaemon) =>
      ask(connector, usesDaemon, signal),
    );
  } catch (error) {
    if (signal.aborted) throw new Failure(EXIT_CODES.failure, 'It was interrupted before the answer came.');
    throw requestFailure(error, settings);
  }
  if (flags.json === true) process.stdout.write(`${terminalJson(answer.json)}\n`);
  else for (const line of answer.lines) printLine(line);
}
