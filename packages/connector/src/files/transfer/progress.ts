import type { Clock } from '../../time/clock.js';
import { CallPromise } from '../../requests/callPromise.js';

/**
 * The stages of a transfer:
 *
 * - `hashing`: the source is read for its hash
 * - `waiting`: other transfers come first
 * - `offered`: the recipient has been asked, or has accepted and not begun
 * - `transferring`: the bytes are on their way
 * - `done`: all have come, and the hash is right
 */
export type FileStage = 'hashing' | 'waiting' | 'offered' | 'transferring' | 'done';

/** The progress of a transfer. */
export interface FileProgress {
  readonly stage: FileStage;
  /** Bytes of this stage that are done: read for the hash, or handed to the network, or received. */
  readonly bytes: number;
  /** Bytes in all; undefined as long as that is not known. */
  readonly totalBytes: number | undefined;
}

/** The shortest time between two reports within a stage. */
const INTERVAL_MS = 100;

/** Reports progress to a callback and to iterators. A late or slow iterator gets the latest only. */
export class ProgressFeed implements AsyncIterable<FileProgress> {
  readonly #clock: Clock;
  readonly #callback: ((progress: FileProgress) => void) | undefined;
  #latest: FileProgress = { stage: 'waiting', bytes: 0, totalBytes: undefined };
  /** Counts the reports. */
  #version = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #waiting: (() => void)[] = [];

  constructor(clock: Clock, callback?: (progress: FileProgress) => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** A stage begins, or the number of all bytes is known. */
  enter(stage: FileStage, totalBytes: number | undefined = this.#latest.totalBytes): void {
    const bytes = stage === 'done' ? (totalBytes ?? this.#latest.bytes) : 0;
    this.#latest = { stage, bytes, totalBytes };
    this.#report();
  }

  /** This many bytes of this stage are done. */
  advance(bytes: number): void {
    const { stage, totalBytes } = this.#latest;
    this.#latest = { stage, bytes, totalBytes };
    if (this.#clock.now() - this.#reportedAt >= INTERVAL_MS) this.#report();
  }

  /** Ends all iterations. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileProgress, void, undefined> {
    for (let seen = -1; ;) {
      if (seen !== this.#version) {
        seen = this.#version;
        yield this.#latest;
      } else if (this.#isOver) {
        return;
      } else {
        await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      }
    }
  }

  #report(): void {
    this.#reportedAt = this.#clock.now();
    this.#version++;
    this.#wake();
    this.#callback?.(this.#latest);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}

/** A transfer under way: a promise of its result, with its progress. */
export interface FileTransfer<T> extends Promise<T> {
  /**
   * The progress, to iterate: the latest state, and then each change, at most ten times a second. It ends with the
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
