import { printError } from './output/print.js';
import { EXIT_CODES } from './failures/exitCodes.js';
import { run, unexpected } from './program.js';

/** Work that cannot be cancelled, such as a DNS lookup, delays the exit by at most this time. */
const LINGER_MS = 1000;

// After the reader has gone, as in `| head -1`, there is nobody to report to.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => {
  printError(unexpected(error));
  process.exit(EXIT_CODES.failure);
});

process.exitCode = await run(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
