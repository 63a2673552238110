let failureCode: string | undefined;

/**
 * Keeps a failed write from ending the process with a stack trace. Call it once, before anything is written.
 * A reader that has closed the pipe (EPIPE) is not a failure: `| head -1` does so.
 */
export function watchStandardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failureCode ??= error.code ?? error.message;
  });
  process.stderr.on('error', () => {});
}

/** The system's code of the first failed write to standard output, such as `ENOSPC`; undefined when none failed. */
export function outputFailure(): string | undefined {
  return failureCode;
}

/** Resolves when readers have taken everything that was written, or have gone. */
export async function outputWritten(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushed));
  // Errors are emitted after the callback of the write.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) return resolve();
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
