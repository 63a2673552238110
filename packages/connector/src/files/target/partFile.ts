import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTransferError } from '../../errors.js';
import { place, type Destination } from './destination.js';
import type { Sink, TargetResult } from './sinks.js';

/** Chunks of a transfer are small; the disk gets them in pieces of this size. Two of them are in memory. */
const PIECE_BYTES = 512 * 1024;

/** Windows has none of it. */
const NOFOLLOW: number | undefined = constants.O_NOFOLLOW;
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (NOFOLLOW ?? 0);

/**
 * A file that is written under a name of its own, `quietroom-….part`, beside where it goes, and gets its name when
 * it is whole and on the disk. Only its owner may read and write it, then and afterwards.
 */
export class PartFile implements Sink {
  readonly #destination: Destination;
  readonly #path: string;
  readonly #handle: FileHandle;
  #piece: Buffer = Buffer.alloc(0);
  #spare: Buffer = Buffer.alloc(0);
  #filled = 0;
  #written = 0;
  #writing: Promise<void> = Promise.resolve();
  #finishing: Promise<TargetResult> | undefined;
  #closed: Promise<void> | undefined;
  #isDiscarded = false;

  private constructor(destination: Destination, path: string, handle: FileHandle) {
    this.#destination = destination;
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws system errors */
  static async create(destination: Destination): Promise<PartFile> {
    const path = join(destination.folder, `quietroom-${randomBytes(8).toString('hex')}.part`);
    return new PartFile(destination, path, await open(path, FLAGS, 0o600));
  }

  /** Copies the chunk. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.length > this.#piece.length - this.#filled) return this.#spill(chunk);
    this.#piece.set(chunk, this.#filled);
    this.#filled += chunk.length;
    return undefined;
  }

  finish(): Promise<TargetResult> {
    this.#finishing ??= this.#complete();
    return this.#finishing;
  }

  /** One that has been given its name stays. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    const isPlaced = await this.#finishing?.then(
      () => true,
      () => false,
    );
    if (isPlaced === true) return;
    await this.#writing.catch(() => {});
    await this.#close().catch(() => {});
    await unlink(this.#path).catch(() => {});
  }

  async #complete(): Promise<TargetResult> {
    await this.#writePiece();
    await this.#writing;
    await this.#handle.sync();
    await this.#close();
    this.#assertWanted();
    return { path: await place(this.#path, this.#destination) };
  }

  async #spill(chunk: Uint8Array): Promise<void> {
    if (this.#piece.length === 0) {
      this.#piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      this.#spare = Buffer.allocUnsafeSlow(PIECE_BYTES);
    }
    for (let rest = chunk; rest.length > 0;) {
      if (this.#filled === PIECE_BYTES) await this.#writePiece();
      const head = rest.subarray(0, PIECE_BYTES - this.#filled);
      this.#piece.set(head, this.#filled);
      this.#filled += head.length;
      rest = rest.subarray(head.length);
    }
  }

  /** Waits for the piece before; this one is written while the next is filled. */
  async #writePiece(): Promise<void> {
    await this.#writing;
    this.#assertWanted();
    const piece = this.#piece;
    this.#writing = this.#writeAll(piece.subarray(0, this.#filled));
    // Reported at the next piece, or at the end.
    this.#writing.catch(() => {});
    this.#piece = this.#spare;
    this.#spare = piece;
    this.#filled = 0;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    // A disk that becomes full takes a part of them first.
    for (let rest = bytes; rest.length > 0;) {
      const { bytesWritten } = await this.#handle.write(rest, 0, rest.length, this.#written);
      this.#written += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  }

  #assertWanted(): void {
    if (this.#isDiscarded) throw new FileTransferError('FILE_CANCELLED', 'The file was discarded.');
  }

  /** A handle of Node's does not wait when it is closed a second time. */
  #close(): Promise<void> {
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }
}
