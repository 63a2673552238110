import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConnectorError, FileTransferError } from '../../errors.js';
import {
  blobContents,
  bytesContents,
  fileContents,
  functionContents,
  iterableContents,
  type Contents,
} from './contents.js';
import { RegularFile } from './regularFile.js';

/**
 * A file to send: a path or a `file:` URL of a regular file; bytes (not copied: leave them as they are until the
 * end); a Blob or File; an async iterable of bytes (read once: it needs `size` and `sha256`; a stream that is not read
 * to its end is destroyed); or a function that gives such an iterable anew each time (it needs `size`; read twice, or
 * once when `sha256` is given).
 */
export type FileSource =
  string | URL | Uint8Array | Blob | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

export interface SourceOptions {
  /** Default: the base name of the path, the name of the File, or `file`. */
  readonly name?: string | undefined;
  /** Bytes. Default: the source's own; iterables have none. */
  readonly size?: number | undefined;
  /** Of the contents, 64 hexadecimal digits. Default: read from the source in a pass of its own. */
  readonly sha256?: string | undefined;
}

export interface SourceWatch {
  /** Stops reading and closes what is open; what is under way rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes that were read for the hash. Not called when `sha256` is given. */
  readonly onHashed?: ((bytes: number) => void) | undefined;
}

/** A source that is open, with size and hash known. To be closed. */
export interface OpenedSource {
  /** The name as the caller knows it, not yet made safe to send. */
  readonly originalName: string;
  /** Bytes; at least 1. */
  readonly size: number;
  /** 64 hexadecimal digits, lower case. */
  readonly sha256: string;
  /**
   * The contents from the start, in chunks of 1 byte to 256 KiB that are not used again, one read per pull. It ends only
   * when exactly `size` bytes with the hash `sha256` have been given; it never gives more than `size` bytes.
   *
   * @throws FileTransferError `FILE_CHANGED`, `FILE_SOURCE_FAILED`; the signal's reason when that aborts
   */
  read(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Closes the file, if it is one, after a read that is under way. Never rejects; safe to call again. */
  close(): Promise<void>;
}

/**
 * Opens a source, and reads it once for its hash if that is not given.
 *
 * @throws FileTransferError `FILE_EMPTY`, `FILE_SOURCE_FAILED`, `FILE_CHANGED` when `size` is not the
 * source's own; ConnectorError `OPTION_INVALID`; TypeError for an unsupported source; the signal's reason when that aborts
 */
export async function openSource(
  source: FileSource,
  options: SourceOptions,
  watch: SourceWatch = {},
): Promise<OpenedSource> {
  const { signal, onHashed } = watch;
  signal?.throwIfAborted();
  const given = { ...options, sha256: checkedHash(options.sha256), size: checkedSize(options.size) };
  const { contents, name, size: ownSize } = await recognise(source, given, signal);
  const close = (): Promise<void> => contents.close().catch(() => {});
  try {
    signal?.throwIfAborted();
    const size = ownSize ?? given.size;
    if (size === undefined)
      throw new ConnectorError('OPTION_INVALID', 'An iterable has no size: give it as "size".');
    assertSize(size, given.size);
    const sha256 = given.sha256 ?? (await hashOf(contents, size, signal, onHashed));
    // Closes it on an abort between reads.
    const abort = (): void => void close();
    signal?.addEventListener('abort', abort, { once: true });
    return {
      originalName: options.name ?? name,
      size,
      sha256,
      read: () => verified(contents, size, sha256, signal),
      close: async () => {
        signal?.removeEventListener('abort', abort);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Hashing memory without pauses would block the event loop. */
const PAUSE_BYTES = 256 * 1024;

interface Recognised {
  readonly contents: Contents;
  readonly name: string;
  /** Undefined for what does not know it. */
  readonly size?: number;
}

async function recognise(
  source: FileSource,
  { sha256 }: SourceOptions,
  signal: AbortSignal | undefined,
): Promise<Recognised> {
  if (typeof source === 'string' || source instanceof URL) {
    const path = typeof source === 'string' ? source : fileURLToPath(source);
    const file = await RegularFile.open(path);
    return { contents: fileContents(file), name: basename(path), size: file.size };
  }
  if (source instanceof Uint8Array) {
    return { contents: bytesContents(source), name: 'file', size: source.length };
  }
  if (source instanceof Blob) {
    const name = 'name' in source && typeof source.name === 'string' ? source.name : 'file';
    return { contents: blobContents(source), name, size: source.size };
  }
  if (typeof source === 'function') return { contents: functionContents(source, signal), name: 'file' };
  if (!(typeof source === 'object' && source !== null && Symbol.asyncIterator in source)) {
    throw new TypeError(
      'A file to send must be a path, a file: URL, a Uint8Array, a Blob, an async iterable or a function that gives one.',
    );
  }
  if (sha256 === undefined) {
    throw new ConnectorError(
      'OPTION_INVALID',
      'An iterable can be read only once: give its hash as "sha256", or pass a function that gives it anew.',
    );
  }
  return { contents: iterableContents(source, signal), name: 'file' };
}

function checkedHash(sha256: string | undefined): string | undefined {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new ConnectorError('OPTION_INVALID', 'The option sha256 must be 64 hexadecimal digits.');
  }
  return sha256?.toLowerCase();
}

function checkedSize(size: number | undefined): number | undefined {
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new ConnectorError('OPTION_INVALID', 'The option size must be a whole number of bytes.');
  }
  return size;
}

function assertSize(size: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== size) {
    throw changed(`It has ${size} bytes, not ${expected} as "size" says`);
  }
  if (size === 0) {
    throw new FileTransferError('FILE_EMPTY', 'The file has no bytes, and servers refuse such files.');
  }
}

async function hashOf(
  contents: Contents,
  size: number,
  signal: AbortSignal | undefined,
  onHashed: ((bytes: number) => void) | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of sized(contents, size, signal)) {
    hash.update(chunk);
    bytes += chunk.length;
    onHashed?.(bytes);
  }
  return hash.digest('hex');
}

async function* verified(
  contents: Contents,
  size: number,
  sha256: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of sized(contents, size, signal)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) throw changed('Its bytes are not those of its hash');
}

/** Exactly `size` bytes. */
async function* sized(
  contents: Contents,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  let sincePause = 0;
  try {
    signal?.throwIfAborted();
    for await (const chunk of contents.read()) {
      signal?.throwIfAborted();
      left -= chunk.length;
      if (left < 0) throw changed(`It has more than the ${size} bytes that it was said to have`);
      if (chunk.length > 0) yield chunk;
      sincePause += chunk.length;
      if (sincePause >= PAUSE_BYTES) {
        sincePause = 0;
        await pause();
      }
      signal?.throwIfAborted();
    }
  } catch (error) {
    // Closing the file under a read makes that fail first.
    throw signal?.aborted === true ? signal.reason : error;
  }
  if (left > 0) throw changed(`It has ${size - left} bytes, not the ${size} that it was said to have`);
}

function changed(what: string): FileTransferError {
  return new FileTransferError(
    'FILE_CHANGED',
    `The file changed while it was read, or was announced wrongly. ${what}. Send it again once nothing writes to it.`,
  );
}
