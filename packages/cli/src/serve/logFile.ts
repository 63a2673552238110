import { chmodSync, closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../output/makeFolder.js';
import { errorCode } from '../failures/errorCode.js';

/** Logs hold names and addresses, so only their owner may read them. */
const MODE = 0o600;

/** Windows has no such flag. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;

/** Bytes that wait for the reader of a pipe. */
const MAX_PENDING_BYTES = 1_048_576;

const RETRY_MS = 50;

/** Time for a slow reader at the end. */
const CLOSE_MS = 2000;

/**
 * The output of a log: a file, a named pipe, or standard output. It never blocks and never stops the server. Lines
 * that cannot be written, on a full disk for example, or because nobody reads the pipe, are counted and dropped.
 * Lines for a pipe that is full wait, up to 1 MiB.
 */
export class LogFile {
  readonly path: string;
  readonly #complain: (problem: string) => void;
  #fd: number | undefined;
  readonly #isOwned: boolean;
  /** Lines, or the rest of one, that the pipe has no room for. */
  readonly #pending: Buffer[] = [];
  #pendingBytes = 0;
  #retry: NodeJS.Timeout | undefined;
  #lost = 0;

  /** `complain` is called when lines start to be dropped, when writing works again, and at the end. */
  private constructor(path: string, fd: number, isOwned: boolean, complain: (problem: string) => void) {
    this.path = path;
    this.#fd = fd;
    this.#isOwned = isOwned;
    this.#complain = complain;
  }

  /**
   * Opens a file to append to, and creates it and its folder if they are missing.
   *
   * @throws Node's error when the file cannot be opened
   */
  static open(path: string, complain: (problem: string) => void): LogFile {
    makeFolder(dirname(path));
    return new LogFile(path, openLog(path), true, complain);
  }

  static standardOutput(complain: (problem: string) => void): LogFile {
    // Node makes the descriptor of a pipe non-blocking when the stream is first used.
    return new LogFile('Standard output', process.stdout.fd, false, complain);
  }

  /** Writes `line`, which includes its line break. Does nothing after `close`. */
  write(line: string): void {
    if (this.#fd === undefined) return;
    const bytes = Buffer.from(line);
    if (this.#pendingBytes + bytes.length > MAX_PENDING_BYTES) return this.#lose('it is not read');
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#flush();
  }

  /**
   * Reopens the path after rotation. On failure the old file stays in use.
   *
   * @throws Node's error when the file cannot be opened
   */
  reopen(): void {
    if (this.#fd === undefined || !this.#isOwned) return;
    const fd = openLog(this.path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#flush();
  }

  /** Resolves when all lines are written, or after 2 s. */
  async close(): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    while (this.#pending.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
      this.#flush();
    }
    this.#lost += this.#pending.length;
    if (this.#fd === undefined) return;
    if (this.#lost > 0) this.#complain(`${this.path}: ${this.#lost} entries of the log are lost.`);
    if (this.#isOwned) closeSync(this.#fd);
    clearTimeout(this.#retry);
    this.#fd = undefined;
  }

  #flush(): void {
    clearTimeout(this.#retry);
    for (let line = this.#pending[0]; line && this.#fd !== undefined; line = this.#pending[0]) {
      try {
        const written = writeSync(this.#fd, line);
        this.#pendingBytes -= written;
        if (written < line.length) this.#pending[0] = line.subarray(written);
        else this.#pending.shift();
      } catch (error) {
        if (errorCode(error) === 'EAGAIN') {
          this.#retry = setTimeout(() => this.#flush(), RETRY_MS).unref();
          return;
        }
        this.#pendingBytes -= line.length;
        this.#pending.shift();
        this.#lose(errorCode(error));
        continue;
      }
      if (this.#lost === 0) continue;
      this.#complain(`${this.path} can be written again. ${this.#lost} entries of the log are lost.`);
      this.#lost = 0;
    }
  }

  #lose(reason: string): void {
    this.#lost++;
    if (this.#lost > 1) return;
    this.#complain(`${this.path} cannot be written (${reason}). Entries of the log are lost.`);
  }
}

/** Opens to append. A file of this user that its mode closes, as some existing servers leave it (0110), gets a usable mode. */
function openLog(path: string): number {
  try {
    return openWithoutWaiting(path);
  } catch (error) {
    if (errorCode(error) !== 'EACCES' || !makeWritable(path)) throw error;
    return openWithoutWaiting(path);
  }
}

function makeWritable(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.uid !== process.geteuid?.()) return false;
  chmodSync(path, (stats.mode & 0o666) | MODE);
  return true;
}

/** A named pipe without a reader would block. */
function openWithoutWaiting(path: string): number {
  const { O_APPEND, O_CREAT, O_RDWR, O_WRONLY } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | NON_BLOCKING, MODE);
  } catch (error) {
    // A named pipe without a reader. Open for reading as well, it keeps the first lines for the reader to come.
    if (errorCode(error) === 'ENXIO') return openSync(path, O_RDWR | NON_BLOCKING);
    throw error;
  }
}
