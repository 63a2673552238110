import { terminalJson } from './terminalJson.js';
import { terminalText } from './terminalText.js';

/** Writes one line to standard output, with control characters escaped. */
export function printLine(line: string): void {
  process.stdout.write(`${terminalText(line)}\n`);
}

/** Writes a value to standard output as one line of terminal-safe JSON. */
export function printJson(value: object): void {
  process.stdout.write(`${terminalJson(value)}\n`);
}

/** Writes a message, which may have several lines, to standard error. */
export function printError(message: string): void {
  const lines = `quietroom: ${message}`.split('\n').map(terminalText);
  process.stderr.write(`${lines.join('\n')}\n`);
}
