import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { FileTransferError, isSystemError, summaryOf } from '../../errors.js';

const READ_BYTES = 256 * 1024;

/** Opening a FIFO waits for a writer without it; Windows has none of it. */
const NONBLOCK: number | undefined = constants.O_NONBLOCK;

/** A regular file, opened once: what is read is the same file each time, whatever becomes of its name. */
export class RegularFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #closed: Promise<void> | undefined;
  /** Bytes, when it was opened. */
  readonly size: number;

  private constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.size = size;
  }

  /** @throws FileTransferError `FILE_SOURCE_FAILED` */
  static async open(path: string): Promise<RegularFile> {
    try {
      // Looked at before it is opened, which does something to some devices.
      assertRegular(path, await stat(path));
      const handle = await open(path, constants.O_RDONLY | (NONBLOCK ?? 0));
      try {
        const stats = await handle.stat();
        assertRegular(path, stats);
        return new RegularFile(path, handle, stats.size);
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw failure(path, error);
    }
  }

  /**
   * The bytes from the start, to one byte past `size` if there are more; each chunk in memory of its own.
   *
   * @throws FileTransferError `FILE_SOURCE_FAILED`
   */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    for (let position = 0; position <= this.size;) {
      const length = Math.min(READ_BYTES, this.size + 1 - position);
      const chunk = await this.#readAt(position, length);
      if (chunk.length === 0) return;
      position += chunk.length;
      yield chunk;
    }
  }

  /** Waits for a read that is under way. Safe to call again: a handle of Node's does not wait the second time. */
  close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }

  async #readAt(position: number, length: number): Promise<Buffer> {
    try {
      const { buffer, bytesRead } = await this.#handle.read(
        Buffer.allocUnsafeSlow(length),
        0,
        length,
        position,
      );
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw failure(this.#path, error);
    }
  }
}

function assertRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const text = stats.isDirectory()
    ? 'is a folder: pack it into one file first'
    : 'is no regular file: copy its content into one first';
  throw new FileTransferError('FILE_SOURCE_FAILED', `${JSON.stringify(path)} ${text}.`);
}

function failure(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const code = 'code' in error ? error.code : undefined;
  return new FileTransferError(
    'FILE_SOURCE_FAILED',
    `The file ${JSON.stringify(path)} cannot be read; ${nextStep(code)}. (${summaryOf(error)})`,
    { cause: error },
  );
}

function nextStep(code: unknown): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it does not exist: check the path';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied: change its permissions';
    default:
      return 'see that it can be read, and send it again';
  }
}
