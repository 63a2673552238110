import { terminalText } from './terminalText.js';

/** Writes one line to standard output; nothing in it reaches the terminal as a control. */
export function printLine(line: string): void {
  process.stdout.write(`${terminalText(line)}\n`);
}

/** Writes a message of our own, which may have several lines, to standard error. */
export function printError(message: string): void {
  const lines = `quietroom: ${message}`.split('\n').map(terminalText);
  process.stderr.write(`${lines.join('\n')}\n`);
}
