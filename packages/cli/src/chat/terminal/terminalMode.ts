import type { ReadStream, WriteStream } from 'node:tty';

/** The alternate screen, without line wrapping; pasted text is marked as such. */
const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J';
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

/** Takes a terminal over as a whole, and gives it back as it was, however the process ends. */
export class TerminalMode {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #isOn = false;

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  /** False while the terminal is given back. */
  get isOn(): boolean {
    return this.#isOn;
  }

  enter(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    process.on('exit', this.leave);
    // What the process says at its end must stand on the screen that stays.
    process.prependListener('uncaughtException', this.leave);
    this.#input.setRawMode(true);
    this.#output.write(ENTER);
  }

  readonly leave = (): void => {
    if (!this.#isOn) return;
    this.#isOn = false;
    process.off('exit', this.leave);
    process.off('uncaughtException', this.leave);
    this.#output.write(LEAVE);
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  };
}
