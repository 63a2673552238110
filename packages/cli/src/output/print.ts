import { terminalJson } from './terminalJson.js';
import { terminalText } from './terminalText.js';

/** Writes one line to standard output; nothing in it reaches the terminal as a control. */
export function printLine(line: string): void {
  process.stdout.write(`${terminalText(line)}\n`);
}

/** Writes a value to standard output as JSON on one line, which is safe to show. */
export function printJson(value: object): void {
  process.stdout.write(`${terminalJson(value)}\n`);
}

/** Writes a message of our own, which may have several lines, to standard error. */
export function printError(message: string): void {
  const lines = `quietroom: ${message}`.split('\n').map(terminalText);
  process.stderr.write(`${lines.join('\n')}\n`);
}
