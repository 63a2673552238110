import { createInterface } from 'node:readline';
import type { ChatSession } from '../session/chatSession.js';
import { plainLines } from './plainText.js';

/** The most lines in flight, so that input is read at the server's pace. */
const MAX_OPEN = 500;

export interface PlainOptions {
  readonly input: NodeJS.ReadableStream;
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
    const lines = createInterface({ input, crlfDelay: Infinity, terminal: false });
    const stopped = new Promise<void>((resolve) => {
      const end = (): void => {
        lines.close();
        resolve();
      };
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
    });
    for await (const line of lines) {
      if (stop.aborted) break;
      session.enter(line);
      await Promise.race([session.arrived(), stopped]);
      if (session.open >= MAX_OPEN) await Promise.race([session.settled(MAX_OPEN / 2), stopped]);
    }
    await Promise.race([session.settled(), stopped]);
  }
}
