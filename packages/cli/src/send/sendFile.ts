import { ConnectorError, type FileTransfer, type SentFile } from 'quietroom-connector';
import type { ClientConnector } from '../daemon/client/clientConnector.js';
import { EXIT_CODES, type ExitCode } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { ProgressBar } from '../output/progressBar.js';

/** The file to send. */
export interface FileToSend {
  readonly path: string;
  /** The name to offer it under. */
  readonly name: string | undefined;
}

/** Sends a file; resolves when the transfer is complete. On a terminal it shows a progress bar. */
export async function sendFile(
  connector: Pick<ClientConnector, 'sendFile'>,
  recipient: string,
  { path, name }: FileToSend,
  signal: AbortSignal,
): Promise<SentFile> {
  const transfer: FileTransfer<SentFile> = connector.sendFile(recipient, path, {
    signal,
    ...(name === undefined ? {} : { name }),
  });
  const bar = new ProgressBar(process.stderr);
  const shown = (async () => {
    for await (const progress of transfer.progress) bar.show(progress);
  })();
  try {
    return await transfer;
  } finally {
    await shown;
    bar.clear();
  }
}

/** Exit codes for the error codes of a failed transfer. */
const FILE_EXIT_CODES: ReadonlyMap<string, ExitCode> = new Map([
  ['FILE_OFFLINE', EXIT_CODES.offline],
  ['FILE_DECLINED', EXIT_CODES.refused],
  ['FILE_EXPIRED', EXIT_CODES.refused],
  ['FILE_REFUSED', EXIT_CODES.refused],
  ['FILE_EMPTY', EXIT_CODES.refused],
  ['FILE_TOO_LARGE', EXIT_CODES.refused],
  ['FILE_NAME_INVALID', EXIT_CODES.refused],
  ['FILE_CANCELLED', EXIT_CODES.refused],
  ['FILE_TIMED_OUT', EXIT_CODES.unconfirmed],
  ['FILE_INTERRUPTED', EXIT_CODES.connectionLost],
  ['FILE_CHANGED', EXIT_CODES.failure],
  ['FILE_SOURCE_FAILED', EXIT_CODES.failure],
]);

/** Describes a failed transfer; undefined for any other error. */
export function fileFailure(error: unknown): Failure | undefined {
  if (!(error instanceof ConnectorError)) return undefined;
  const exitCode = FILE_EXIT_CODES.get(error.code);
  return exitCode === undefined ? undefined : new Failure(exitCode, error.message, { cause: error });
}
