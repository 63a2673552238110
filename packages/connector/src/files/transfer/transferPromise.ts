import { CallPromise } from '../../requests/callPromise.js';
import type { FileProgress } from './progress.js';

/** A transfer under way: a promise of its result, with its progress. */
export interface FileTransfer<T> extends Promise<T> {
  /**
   * How far it is, to be iterated: the latest, and then each change, at most ten times a second. It ends with the
   * transfer, whatever its result.
   *
   * @example
   * const transfer = bot.sendFile('alice', 'report.pdf');
   * for await (const { stage, bytes } of transfer.progress) console.log(stage, bytes);
   * const { seconds } = await transfer;
   */
  readonly progress: AsyncIterable<FileProgress>;
}

/** The promise behind it. */
export class TransferPromise<T> extends CallPromise<T> implements FileTransfer<T> {
  readonly progress: AsyncIterable<FileProgress>;

  constructor(report: (error: unknown) => void, progress: AsyncIterable<FileProgress>) {
    super(report);
    this.progress = progress;
  }
}
