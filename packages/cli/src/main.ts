import { printError } from './output/print.js';
import { EXIT_CODES } from './failures/exitCodes.js';
import { run, unexpected } from './program.js';

/** What cannot be cancelled, such as the look-up of a host name, must not hold up the end of the process for longer. */
const LINGER_MS = 1000;

// When nobody reads any more, as after `| head -1`, there is nobody to tell either.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => {
  printError(unexpected(error));
  process.exit(EXIT_CODES.failure);
});

process.exitCode = await run(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();
