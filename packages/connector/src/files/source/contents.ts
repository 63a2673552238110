import { Readable } from 'node:stream';
import { unlessAborted } from '../../time/clock.js';
import { FileTransferError, summaryOf } from '../../errors.js';
import type { RegularFile } from './regularFile.js';

/** The bytes of a source, which has as many as it was said to have only when it is asked. */
export interface Contents {
  /** From the start, each time. Chunks of any size; a reader takes one after another. */
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const SLICE_BYTES = 256 * 1024;

export function fileContents(file: RegularFile): Contents {
  return { read: () => file.read(), close: () => file.close() };
}

/** They are not copied: what the caller changes in them meanwhile is read. */
export function bytesContents(bytes: Uint8Array): Contents {
  return {
    async *read() {
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
    },
    close: nothingToClose,
  };
}

export function blobContents(blob: Blob): Contents {
  return {
    async *read() {
      for (let at = 0; at < blob.size; at += SLICE_BYTES) {
        yield new Uint8Array(await sliceOf(blob, at));
      }
    },
    close: nothingToClose,
  };
}

/**
 * An iterable that can be read only once. A stream among them is stopped when it is not read to its end.
 *
 * @param signal ends the wait for an iterable that gives nothing
 */
export function iterableContents(
  iterable: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Contents {
  // It may fail before it is read, which would end the process. The reader gets the error.
  if (iterable instanceof Readable) iterable.on('error', () => {});
  return { read: () => pull(() => iterable, signal), close: () => stop(iterable) };
}

/**
 * @param open gives the iterable, a new one each time
 * @param signal ends the wait for an iterable that gives nothing
 */
export function functionContents(
  open: () => AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Contents {
  return { read: () => pull(open, signal), close: nothingToClose };
}

/** A blob that stands for a file cannot be read once that file has changed. */
async function sliceOf(blob: Blob, at: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(at, at + SLICE_BYTES).arrayBuffer();
  } catch (error) {
    const code =
      error instanceof Error && error.name === 'NotReadableError' ? 'FILE_CHANGED' : 'FILE_SOURCE_FAILED';
    throw new FileTransferError(
      code,
      `The Blob can no longer be read, as when the file behind it has changed; open it again. (${summaryOf(error)})`,
      { cause: error },
    );
  }
}

async function* pull(
  open: () => AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = await attempt(() => open()[Symbol.asyncIterator](), signal);
  let isOpen = true;
  try {
    for (;;) {
      const { done, value } = await attempt(() => iterator.next(), signal);
      if (done === true) {
        isOpen = false;
        return;
      }
      if (!(value instanceof Uint8Array)) throw notBytes(value);
      // Slices, for what is done with a chunk is done without a pause.
      for (let at = 0; at < value.length; at += SLICE_BYTES) yield value.subarray(at, at + SLICE_BYTES);
    }
  } finally {
    // Not awaited: a generator that hangs does not return before it goes on.
    if (isOpen) attempt(() => iterator.return?.(), undefined).catch(() => {});
  }
}

async function attempt<T>(step: () => T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await unlessAborted(Promise.resolve(step()), signal);
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw new FileTransferError(
      'FILE_SOURCE_FAILED',
      `The source of the file failed: see "cause", and send it again. (${summaryOf(error)})`,
      { cause: error },
    );
  }
}

function notBytes(value: unknown): FileTransferError {
  const kind = value === null ? 'null' : typeof value;
  return new FileTransferError(
    'FILE_SOURCE_FAILED',
    `The source of the file gives chunks of type ${kind}, not Uint8Array; encode texts first, as by Buffer.from(text).`,
  );
}

/** An unread stream keeps its resources open. */
async function stop(iterable: object): Promise<void> {
  if (iterable instanceof Readable) iterable.destroy();
  else if ('cancel' in iterable && typeof iterable.cancel === 'function') await iterable.cancel();
}

async function nothingToClose(): Promise<void> {}
