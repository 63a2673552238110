import { createInterface } from 'node:readline';
import type { ChatSession } from '../chatSession.js';
import { plainLines } from './plainText.js';

/** Lines are read no faster than the server takes them. */
const MAX_OPEN = 500;

export interface PlainOptions {
  readonly input: NodeJS.ReadableStream;
  readonly print: (line: string) => void;
  /** Ends it, with what is open left open. */
  readonly stop: AbortSignal;
}

/** The chat line by line, for pipes and screen readers. Resolves when the input ends, and all of it was sent. */
export async function plainChat(session: ChatSession, { input, print, stop }: PlainOptions): Promise<void> {
  session.watch((state, event, before) => {
    for (const line of plainLines(state, event, before)) print(line);
  });
  const lines = createInterface({ input, crlfDelay: Infinity, terminal: false });
  const close = (): void => lines.close();
  stop.addEventListener('abort', close, { once: true });
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
    if (stop.aborted) resolve();
  });
  for await (const line of lines) {
    if (stop.aborted) break;
    session.enter(line);
    if (session.open >= MAX_OPEN) await Promise.race([session.settled(MAX_OPEN / 2), stopped]);
  }
  await Promise.race([session.settled(), stopped]);
}
