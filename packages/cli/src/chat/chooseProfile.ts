import { createInterface } from 'node:readline/promises';
import type { ProfileSummary } from '../settings/clientSettings.js';
import { printLine } from '../output/print.js';

/**
 * Asks at the terminal which server to use; undefined when the user cancels.
 *
 * @param isPlain write no control sequences to the terminal
 */
export async function chooseProfile(
  profiles: readonly ProfileSummary[],
  stop: AbortSignal,
  isPlain: boolean,
): Promise<string | undefined> {
  const width = Math.max(...profiles.map(({ name }) => name.length));
  printLine('Servers:');
  for (const [index, { name, host, port }] of profiles.entries()) {
    printLine(`  ${index + 1}  ${name.padEnd(width)}  ${host}:${port}`);
  }
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: !isPlain,
  });
  try {
    const ended = new Promise<undefined>((resolve) => {
      terminal.once('close', () => resolve(undefined));
      // In raw mode Ctrl-C is a key, not a signal.
      terminal.once('SIGINT', () => resolve(undefined));
      stop.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    for (;;) {
      const answer = await Promise.race([terminal.question('Which one? [1] '), ended]);
      if (answer === undefined) return undefined;
      const chosen = choiceOf(answer, profiles);
      if (chosen) return chosen.name;
      printLine(`Type a number from 1 to ${profiles.length}, or a name.`);
    }
  } finally {
    terminal.close();
  }
}

/** The profile with this number or name; the first one for an empty answer. */
export function choiceOf(answer: string, profiles: readonly ProfileSummary[]): ProfileSummary | undefined {
  const text = answer.trim();
  const byName = profiles.find(({ name }) => name === text);
  if (byName) return byName;
  return text === '' ? profiles[0] : profiles[/^\d{1,4}$/.test(text) ? Number(text) - 1 : -1];
}
