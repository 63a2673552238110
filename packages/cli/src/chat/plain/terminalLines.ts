import type { ReadStream } from 'node:tty';
import { InputDecoder, type InputEvent } from '../terminal/inputDecoder.js';
import { STOP_MS } from '../terminal/terminalMode.js';
import { TypedLine } from './typedLine.js';

export interface TerminalLinesOptions {
  readonly input: ReadStream;
  readonly write: (text: string) => void;
  /** Ctrl-C was pressed. */
  readonly interrupt: () => void;
}

/** Lines typed on a terminal, undisturbed by those that are printed meanwhile. */
export class TerminalLines {
  readonly #options: TerminalLinesOptions;
  readonly #decoder = new InputDecoder();
  readonly #typed: TypedLine;
  readonly #lines: string[] = [];
  #wake = (): void => {};
  #isEnded = false;
  /** The decoder waits for the rest of a key. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TerminalLinesOptions) {
    this.#options = options;
    this.#typed = new TypedLine(options.write);
  }

  print(line: string): void {
    this.#typed.print(line);
  }

  /** Typed lines until the end of the input or the signal. */
  async *read(stop: AbortSignal): AsyncGenerator<string> {
    const { input } = this.#options;
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    stop.addEventListener('abort', end, { once: true });
    input.setEncoding('utf8').on('data', this.#onData).once('end', end).once('error', end);
    this.#setRaw(true);
    process.on('SIGCONT', this.#resume).on('exit', this.#restore);
    try {
      while (!this.#isEnded && !stop.aborted) {
        const line = this.#lines.shift();
        if (line !== undefined) yield line;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#restore();
      process.off('SIGCONT', this.#resume).off('exit', this.#restore);
      clearTimeout(this.#timer);
      input.off('data', this.#onData).off('end', end).off('error', end).pause();
    }
  }

  readonly #onData = (chunk: string): void => {
    clearTimeout(this.#timer);
    this.#receive(this.#decoder.decode(chunk));
    const { waitMs } = this.#decoder;
    if (waitMs !== undefined) this.#timer = setTimeout(() => this.#receive(this.#decoder.flush()), waitMs);
  };

  #receive(events: readonly InputEvent[]): void {
    for (const event of events) this.#onInput(event);
  }

  #onInput(event: InputEvent): void {
    const result = this.#typed.handle(event);
    switch (result.type) {
      case 'line':
        this.#lines.push(result.line);
        return this.#wake();
      case 'interrupt':
        return this.#options.interrupt();
      case 'endOfInput':
        this.#isEnded = true;
        return this.#wake();
      case 'pause':
        this.#restore();
        process.kill(process.pid, 'SIGTSTP');
        // The kernel stops no process whose shell cannot continue it.
        setTimeout(this.#resume, STOP_MS);
        return;
      case 'nothing':
    }
  }

  readonly #resume = (): void => this.#setRaw(true);

  readonly #restore = (): void => this.#setRaw(false);

  #setRaw(isRaw: boolean): void {
    try {
      this.#options.input.setRawMode(isRaw);
    } catch {
      // The terminal has been closed.
    }
  }
}
