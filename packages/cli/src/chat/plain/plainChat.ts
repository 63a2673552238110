import { createInterface } from 'node:readline';
import type { ChatSession } from '../session/chatSession.js';
import { TerminalLines } from './terminalLines.js';
import { plainLines } from './plainText.js';

/** The most lines in flight, so that input is read at the server's pace. */
const MAX_OPEN = 500;

export interface PlainOptions {
  /** Lines to say; a terminal gives them without mixing them with printed ones. */
  readonly input: NodeJS.ReadableStream | TerminalLines;
  readonly print: (line: string) => void;
  /** Ends the chat without waiting for outcomes. */
  readonly stop: AbortSignal;
}

/** The chat line by line, for pipes and screen readers. It prints from the start, and reads while `run` is active. */
export class PlainChat {
  readonly #session: ChatSession;
  readonly #options: PlainOptions;

  constructor(session: ChatSession, options: PlainOptions) {
    this.#session = session;
    this.#options = options;
    session.watch((state, event, before) => {
      for (const line of plainLines(state, event, before)) options.print(line);
    });
  }

  /** Resolves when the input has ended and every line has an outcome. */
  async run(): Promise<void> {
    const { input, stop } = this.#options;
    const session = this.#session;
    const stopped = new Promise<void>((resolve) => {
      stop.addEventListener('abort', () => resolve(), { once: true });
      if (stop.aborted) resolve();
    });
    const lines = input instanceof TerminalLines ? input.read(stop) : linesOf(input, stop);
    for await (const line of lines) {
      if (stop.aborted) break;
      session.enter(line);
      await Promise.race([session.arrived(), stopped]);
      if (session.open >= MAX_OPEN) await Promise.race([session.settled(MAX_OPEN / 2), stopped]);
    }
    await Promise.race([session.settled(), stopped]);
  }
}

/** The lines of a stream, until its end or the signal. */
function linesOf(input: NodeJS.ReadableStream, stop: AbortSignal): AsyncIterable<string> {
  const lines = createInterface({ input, crlfDelay: Infinity, terminal: false });
  stop.addEventListener('abort', () => lines.close(), { once: true });
  if (stop.aborted) lines.close();
  return lines;
}
