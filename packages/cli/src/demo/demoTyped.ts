import { clearLine, createInterface, cursorTo } from 'node:readline';
import { ConnectorError } from 'quietroom-connector';
import type { Partner } from './demoScript.js';
import { printLine } from '../output/print.js';

/** A conversation on the terminal: typed lines go to the partner. Ends with Ctrl-C, Ctrl-D or /quit. */
export async function typedTalk(partner: Partner, stop: AbortController): Promise<void> {
  const { stdin: input, stdout: output } = process;
  const terminal = createInterface({ input, output, prompt: 'You: ' });

  /** Shows a line above the input line. */
  const show = (line: string): void => {
    if (stop.signal.aborted) return;
    cursorTo(output, 0);
    clearLine(output, 0);
    printLine(line);
    terminal.prompt(true);
  };
  const say = (line: string): void => {
    const text = line.trim();
    if (text === '/quit') {
      stop.abort();
      return;
    }
    terminal.prompt();
    if (text !== '') partner.say(text).catch((error: unknown) => show(explain(error)));
  };

  printLine(`What you type goes to ${partner.name} as a direct message. Ctrl-C or /quit ends the demo.`);
  partner.onReply((text) => show(`${partner.name}: ${text}`));
  terminal.on('line', say);
  // In raw mode Ctrl-C is a key, not a signal.
  terminal.on('SIGINT', () => stop.abort());
  terminal.on('close', () => stop.abort());
  terminal.prompt();

  await new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  terminal.close();
  cursorTo(output, 0);
  clearLine(output, 0);
  printLine('Goodbye. The server and the bot end here, too.');
}

function explain(error: unknown): string {
  return error instanceof ConnectorError ? error.message : String(error);
}
