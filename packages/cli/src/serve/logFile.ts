import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Logs tell who was there, and from where. */
const MODE = 0o600;

/**
 * A file that lines are added to, each in the kernel's hands when `write` returns. What cannot be written, on a
 * full disk for example, is lost and counted, and never stops the server.
 */
export class LogFile {
  readonly path: string;
  readonly #complain: (problem: string) => void;
  #fd: number | undefined;
  #lost = 0;

  /**
   * `complain` is told when lines begin to be lost, and when that is over.
   *
   * @throws Node's error when the file cannot be opened
   */
  constructor(path: string, complain: (problem: string) => void) {
    this.path = path;
    this.#complain = complain;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'a', MODE);
  }

  /** `line` with its line break. Does nothing once it is closed. */
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
   * Opens the path anew, for when the file was moved away. The old file stays in use when that fails.
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
