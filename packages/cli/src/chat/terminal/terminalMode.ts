import type { ReadStream, WriteStream } from 'node:tty';

/** A process that can be stopped has stopped within this time. */
export const STOP_MS = 200;

/** Title saved, alternate screen, no line wrapping, bracketed paste. */
const ENTER = '\x1b[22;2t\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J';
/** Buttons and the wheel, with positions of any size. */
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';
const LEAVE = '\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l\x1b[23;2t';

/** Takes over the terminal, and restores it however the process ends. */
export class TerminalMode {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #mouse: boolean;
  #isOn = false;

  /** @param mouse take clicks and the wheel */
  constructor(input: ReadStream, output: WriteStream, mouse = false) {
    this.#mouse = mouse;
    this.#input = input;
    this.#output = output;
  }

  /** False while the terminal is restored. */
  get isOn(): boolean {
    return this.#isOn;
  }

  enter(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    process.on('exit', this.leave);
    // Output at the end of the process belongs on the normal screen.
    process.prependListener('uncaughtException', this.leave);
    process.prependListener('SIGQUIT', this.leave);
    this.#input.setRawMode(true);
    this.#output.write(this.#mouse ? ENTER + MOUSE_ON : ENTER);
  }

  readonly leave = (): void => {
    if (!this.#isOn) return;
    this.#isOn = false;
    process.off('exit', this.leave);
    process.off('uncaughtException', this.leave);
    process.off('SIGQUIT', this.leave);
    this.#output.write(this.#mouse ? MOUSE_OFF + LEAVE : LEAVE);
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal has been closed.
    }
  };
}
