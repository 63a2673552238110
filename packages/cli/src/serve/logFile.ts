import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Logs hold names and addresses, so only their owner may read them. */
const MODE = 0o600;

/**
 * A log file. A line has been written to the kernel when `write` returns. Lines that cannot be written, on a
 * full disk for example, are counted and dropped; they never stop the server.
 */
export class LogFile {
  readonly path: string;
  readonly #complain: (problem: string) => void;
  #fd: number | undefined;
  #lost = 0;

  /**
   * `complain` is called when lines start to be dropped, and when writing works again.
   *
   * @throws Node's error when the file cannot be opened
   */
  constructor(path: string, complain: (problem: string) => void) {
    this.path = path;
    this.#complain = complain;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'a', MODE);
  }

  /** Writes `line`, which includes its line break. Does nothing after `close`. */
  write(line: string): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    try {
      const bytes = Buffer.from(line);
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    } catch (error) {
      this.#lost++;
      if (this.#lost === 1) {
        this.#complain(`${this.path} cannot be written: ${messageOf(error)}. What should go there is lost.`);
      }
      return;
    }
    if (this.#lost > 0) {
      this.#complain(`${this.path} can be written again; ${this.#lost} entries are lost.`);
      this.#lost = 0;
    }
  }

  /**
   * Reopens the path after rotation. On failure the old file stays in use.
   *
   * @throws Node's error when the file cannot be opened
   */
  reopen(): void {
    if (this.#fd === undefined) return;
    const fd = openSync(this.path, 'a', MODE);
    this.close();
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
