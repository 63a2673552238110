import type { LogFormat } from '../settings/serverKeys.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { LogFile } from './logFile.js';
import { logWriter, type LogWriter } from './logFormats.js';
import { printError } from '../output/print.js';
import { isAboutSecurity, type ServeEntry } from './serveEntry.js';
import type { ServeSettings } from '../settings/serverSettings.js';
import { errorCode } from '../failures/errorCode.js';

/** The log of `quietroom serve` and its security log. */
export class ServeLog {
  /** The format on standard output; undefined when the log goes to a file. */
  readonly outputFormat: LogFormat | undefined;
  readonly #files: LogFile[] = [];
  readonly #main: LogWriter;
  readonly #security: LogWriter | undefined;

  /** @throws Failure when a file cannot be opened */
  constructor({
    logFile,
    securityLogFile,
    logFormat,
    logAddresses,
  }: Pick<ServeSettings, 'logFile' | 'securityLogFile' | 'logFormat' | 'logAddresses'>) {
    const output = logFormat ?? (process.stdout.isTTY ? 'text' : 'json');
    this.outputFormat = logFile === undefined ? output : undefined;
    this.#main =
      logFile === undefined
        ? logWriter(output, this.#add(LogFile.standardOutput(printError)), logAddresses)
        : logWriter(logFormat ?? 'json', this.#open(logFile, '--log-file'), logAddresses);
    if (securityLogFile !== undefined) {
      // Bans by address need it.
      this.#security = logWriter(
        logFormat ?? 'json',
        this.#open(securityLogFile, '--security-log-file'),
        true,
      );
    }
  }

  readonly write = (entry: ServeEntry): void => {
    this.#main(entry);
    if (isAboutSecurity(entry)) this.#security?.(entry);
  };

  /** Reopens the files after rotation. */
  reopen(): void {
    for (const file of this.#files) {
      try {
        file.reopen();
      } catch (error) {
        this.write({ event: 'reopenFailed', file: file.path, code: errorCode(error) });
      }
    }
  }

  /** Resolves when everything is written, or after 2 s. */
  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  #open(path: string, flag: string): LogFile {
    try {
      return this.#add(LogFile.open(path, printError));
    } catch (error) {
      const code = errorCode(error);
      const remedy = code === 'EACCES' ? 'Give it to this user with chown, or choose' : 'Choose';
      throw new Failure(
        EXIT_CODES.failure,
        `The log file ${JSON.stringify(path)} cannot be opened (${code}). ${remedy} another with ${flag}.`,
        { cause: error },
      );
    }
  }

  #add(file: LogFile): LogFile {
    this.#files.push(file);
    return file;
  }
}
