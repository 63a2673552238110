import type { FileProgress, FileTransfer } from 'quietroom-connector';

/** The progress of a transfer by a daemon, as a callback and as an iterator that gets the latest. */
class LatestProgress implements AsyncIterable<FileProgress> {
  #latest: FileProgress | undefined;
  #isOver = false;
  #wake: () => void = () => {};

  report(progress: FileProgress): void {
    this.#latest = progress;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileProgress, void, undefined> {
    for (;;) {
      const latest = this.#latest;
      this.#latest = undefined;
      if (latest) yield latest;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** A transfer with its progress. */
export function transferOf<T>(
  begin: (onProgress: (progress: FileProgress) => void) => Promise<T>,
  callback: ((progress: FileProgress) => void) | undefined,
): FileTransfer<T> {
  const progress = new LatestProgress();
  const result = begin((latest) => {
    progress.report(latest);
    callback?.(latest);
  }).finally(() => progress.end());
  return Object.assign(result, { progress });
}
