import { printError } from './output/print.js';
import { outputFailure, outputWritten, watchStandardOutput } from './output/standardOutput.js';
import { EXIT_CODES } from './failures/exitCodes.js';
import { run, unexpected } from './program.js';
import { restoreTerminalAtQuit } from './signals/restoreTerminal.js';

/** Work that cannot be cancelled, such as a DNS lookup, delays the exit by at most this time. */
const LINGER_MS = 1000;

watchStandardOutput();
restoreTerminalAtQuit();
process.on('uncaughtException', (error) => {
  printError(unexpected(error));
  process.exit(EXIT_CODES.failure);
});

process.exitCode = await run(process.argv.slice(2));
// A slow reader gets everything; a second signal ends the wait.
await outputWritten();
const code = outputFailure();
if (code !== undefined) {
  printError(`Standard output cannot be written (${code}). The output is incomplete.`);
  process.exitCode ||= EXIT_CODES.failure;
}
setTimeout(() => process.exit(), LINGER_MS).unref();
