import type { Writable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { ConnectorError, FileTransferError } from '../../errors.js';
import { destinationAt, destinationFor, destinationInFolder } from './destination.js';
import { PartFile } from './partFile.js';
import { MemorySink, WebSink, WritableSink, type Sink, type TargetResult } from './sinks.js';
import { targetFailure } from './targetFailure.js';

/** The most bytes that a target takes when `maxBytes` says nothing: 64 MiB in memory, 1 GiB elsewhere. */
const DEFAULT_MAX_BYTES = { memory: 64 * 1024 * 1024, elsewhere: 1024 * 1024 * 1024 };

/**
 * Where a file can go:
 *
 * - a folder, as a path, a `file:` URL or `{ folder }`: under a safe form of the suggested name, with a number when
 *   something has that name: `report (2).pdf`. A path that ends in a slash is always a folder, which is made if it is
 *   missing
 * - a path where nothing is yet, in a folder that exists, as a path, a `file:` URL or `{ path }`. Without an extension
 *   only as `{ path }`: `'./incoming'` is a folder
 * - a writable stream: ended when the file is whole, destroyed with the error when it is not; it has seen bytes by
 *   then that are not checked. Standard output and standard error stay open
 * - `{ memory: true }`
 *
 * Files are readable and writable for their owner only, and are never written over anything.
 */
export type FileTarget =
  | string
  | URL
  | { readonly folder: string }
  | { readonly path: string }
  | Writable
  | WritableStream<Uint8Array>
  | { readonly memory: true };

export interface TargetOptions {
  /** As the peer suggests it; for folders. */
  readonly name: string;
  /** The most bytes that it takes. Default: 64 MiB in memory, 1 GiB elsewhere. */
  readonly maxBytes?: number | undefined;
}

/** A target that is open. It ends by `finish` or `discard`; when a call rejects, it has been discarded already. */
export interface OpenedTarget {
  /**
   * Says how many bytes will come; once, before the first.
   *
   * @throws FileTransferError `FILE_TOO_LARGE`
   */
  expect(size: number): Promise<void>;
  /**
   * Takes the next chunk, once the call before has resolved or given undefined; undefined when more may follow at
   * once. Streams keep the chunk: it must not change any more.
   *
   * @throws FileTransferError, as a rejection: `FILE_TOO_LONG`, `FILE_TOO_LARGE`, `FILE_TARGET_FAILED`
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /**
   * Makes it last: a file is on the disk and has its name, a stream is ended.
   *
   * @throws FileTransferError `FILE_TOO_SHORT`, `FILE_EXISTS`, `FILE_TARGET_FAILED`
   */
  finish(): Promise<TargetResult>;
  /** Removes what was written, closes all. Never rejects; safe to call again, and without effect after `finish`. */
  discard(reason?: unknown): Promise<void>;
}

/**
 * Opens a target; for a folder or a path, the part is made at once, so that what is wrong with them shows now.
 *
 * @throws FileTransferError `FILE_EXISTS`, `FILE_TOO_LARGE`, `FILE_TARGET_FAILED`; ConnectorError `OPTION_INVALID`;
 * TypeError for an unsupported target
 */
export async function openTarget(target: FileTarget, options: TargetOptions): Promise<OpenedTarget> {
  const { maxBytes = DEFAULT_MAX_BYTES[isMemory(target) ? 'memory' : 'elsewhere'] } = options;
  if (!(maxBytes >= 1)) {
    throw new ConnectorError('OPTION_INVALID', 'The option maxBytes must be a number of bytes, at least 1.');
  }
  const open = openerOf(target, options.name);
  try {
    return new CheckedTarget(await open(), maxBytes);
  } catch (error) {
    throw targetFailure(error);
  }
}

type OpenSink = () => Sink | Promise<Sink>;

function openerOf(target: FileTarget, name: string): OpenSink {
  if (typeof target === 'string') return atPath(target, name);
  if (target instanceof URL) return atPath(fileURLToPath(target), name);
  if (typeof target === 'object' && target !== null) {
    // Before paths: some streams have one.
    if (isWritable(target)) return () => new WritableSink(target);
    if ('getWriter' in target) return () => new WebSink(target);
    if ('folder' in target && isPath(target.folder)) {
      return async () => PartFile.create(await destinationInFolder(target.folder, name));
    }
    if ('path' in target && isPath(target.path)) {
      return async () => PartFile.create(await destinationAt(target.path));
    }
    if (isMemory(target)) return () => new MemorySink();
  }
  throw notATarget();
}

function atPath(path: string, name: string): OpenSink {
  if (!isPath(path)) throw notATarget();
  return async () => PartFile.create(await destinationFor(path, name));
}

/** An empty one would mean the working directory. */
function isPath(path: unknown): boolean {
  return typeof path === 'string' && path !== '';
}

/** By what it can do: not every stream of Node that can be written has the class. */
function isWritable(target: object): target is Writable {
  return ['write', 'end', 'on', 'destroy'].every(
    (method) => typeof Reflect.get(target, method) === 'function',
  );
}

function isMemory(target: FileTarget): boolean {
  return typeof target === 'object' && target !== null && 'memory' in target && target.memory;
}

function notATarget(): TypeError {
  return new TypeError(
    'A file goes to a path, a file: URL, { folder }, { path }, a writable stream or { memory: true }.',
  );
}

/** Counts what goes into a sink, and discards it when anything goes wrong. */
class CheckedTarget implements OpenedTarget {
  readonly #sink: Sink;
  readonly #maxBytes: number;
  #size: number | undefined;
  #received = 0;
  #discarded: { readonly reason: unknown; readonly done: Promise<void> } | undefined;
  #isFinished = false;

  constructor(sink: Sink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  async expect(size: number): Promise<void> {
    this.#assertOpen();
    // A comparison with NaN is never true.
    if (!Number.isSafeInteger(size)) return this.#fail(new RangeError(`${size} is no number of bytes.`));
    if (size > this.#maxBytes) return this.#fail(tooLarge(this.#maxBytes));
    this.#size = size;
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    try {
      this.#assertOpen();
      this.#received += chunk.length;
      this.#assertRoom();
      return this.#sink.write(chunk)?.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      return this.#fail(error);
    }
  }

  async finish(): Promise<TargetResult> {
    try {
      this.#assertOpen();
      if (this.#size === undefined || this.#received < this.#size) {
        throw new FileTransferError(
          'FILE_TOO_SHORT',
          `Only ${this.#received} of ${this.#size ?? 'unknown'} bytes came: have the file sent again.`,
        );
      }
      const result = await this.#sink.finish();
      this.#isFinished = true;
      return result;
    } catch (error) {
      return this.#fail(error);
    }
  }

  async discard(reason: unknown = discarded()): Promise<void> {
    if (this.#isFinished) return;
    this.#discarded ??= { reason, done: this.#sink.discard(reason) };
    await this.#discarded.done;
  }

  /** The reason for the discard takes precedence over failures that follow from it. */
  async #fail(error: unknown): Promise<never> {
    const reason = this.#discarded === undefined ? targetFailure(error) : this.#discarded.reason;
    await this.discard(reason);
    throw reason;
  }

  #assertOpen(): void {
    if (this.#isFinished) throw new Error('The file is finished already.');
    if (this.#discarded !== undefined) throw this.#discarded.reason;
  }

  #assertRoom(): void {
    if (this.#size !== undefined && this.#received > this.#size) {
      throw new FileTransferError(
        'FILE_TOO_LONG',
        `More came than the ${this.#size} bytes that were announced: have the file sent again.`,
      );
    }
    if (this.#received > this.#maxBytes) throw tooLarge(this.#maxBytes);
  }
}

function tooLarge(maxBytes: number): FileTransferError {
  return new FileTransferError(
    'FILE_TOO_LARGE',
    `The file has more than ${maxBytes} bytes: allow more with "maxBytes", or take it into a folder.`,
  );
}

function discarded(): FileTransferError {
  return new FileTransferError('FILE_CANCELLED', 'The file was discarded before it was whole.');
}
