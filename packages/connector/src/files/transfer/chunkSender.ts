import { chunkLength } from '@quietroom/protocol';
import { sleep } from '../../time/clock.js';
import { FileTransferError } from '../../errors.js';
import type { TransferContext } from './transferContext.js';
import { SendWindow } from './sendWindow.js';

/**
 * How fast a file is sent.
 *
 * - `compatible`: as existing clients do, so that those who read as they do lose nothing through a 1.x server
 * - `fast`: as fast as the network and the recipient take it
 */
export type Pace = 'compatible' | 'fast';

/** Existing clients send so much, and wait so long after it. */
const COMPATIBLE_CHUNK_BYTES = 3900;
const COMPATIBLE_PAUSE_MS = 30;

/** What a server of generation 1.x allows a transfer, from the acceptance on. */
const SERVER_TIME_LIMIT_MS = 600_000;

/** More would not be through at the compatible pace within the time that a 1.x server allows. */
export const MAX_COMPATIBLE_BYTES = (SERVER_TIME_LIMIT_MS / COMPATIBLE_PAUSE_MS) * COMPATIBLE_CHUNK_BYTES;

/** So much of a file is handed to the connection ahead of the network: what else is said waits behind it. */
const AHEAD_BYTES = 32_768;

/** Sends the packets of one file, and no faster than the connection takes them. */
export class ChunkSender {
  readonly #line: TransferContext;
  readonly #signal: AbortSignal;
  readonly #window: SendWindow;
  #untakenBytes = 0;
  #error: Error | undefined;
  #wake: () => void = () => {};

  /** `signal`: when it aborts, what waits to go on throws its reason. */
  constructor(line: TransferContext, signal: AbortSignal) {
    this.#line = line;
    this.#signal = signal;
    this.#window = new SendWindow(line, signal, () => this.#wake());
  }

  /**
   * Sends a packet; what it throws is why nothing can be sent.
   */
  send(bytes: Uint8Array): void {
    this.#untakenBytes += bytes.length;
    this.#line.sendPacket(bytes, (error) => {
      this.#untakenBytes -= bytes.length;
      if (error) this.#error ??= error;
      // In two halves, so that the connection has something to do while the next chunks are made.
      if (error || this.#untakenBytes <= AHEAD_BYTES / 2) this.#wake();
    });
  }

  /**
   * Sends these bytes, cut into chunks that nobody takes for anything else; `sent` hears how many have been sent.
   * They must not change until all that is sent is taken.
   *
   * @throws FileTransferError `FILE_TIMED_OUT`; the signal's reason; why nothing can be sent
   */
  async sendContent(bytes: Uint8Array, pace: Pace, sent: (count: number) => void): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      const length = pace === 'fast' ? chunkLength(rest) : chunkLength(rest, COMPATIBLE_CHUNK_BYTES);
      this.send(rest.subarray(0, length));
      at += length;
      sent(length);
      await this.pause(pace);
      if (pace === 'fast') this.#window.add(length);
      if (this.#untakenBytes >= AHEAD_BYTES || this.#window.isFull) await this.#room();
    }
  }

  /** What is sent next shall not follow too closely, for a reader of generation 1.x behind a server of that. */
  async pause(pace: Pace): Promise<void> {
    if (pace === 'compatible') await sleep(this.#line.clock, COMPATIBLE_PAUSE_MS, this.#signal);
  }

  /** Resolves when the connection has taken most of what was sent, and the server has read enough of it. */
  async #room(): Promise<void> {
    const { clock, fileTimeoutMs } = this.#line;
    let isLate = false;
    const timer = clock.setTimeout(() => {
      isLate = true;
      this.#wake();
    }, fileTimeoutMs);
    const abort = (): void => this.#wake();
    this.#signal.addEventListener('abort', abort, { once: true });
    try {
      while (this.#untakenBytes > AHEAD_BYTES / 2 || this.#window.isFull) {
        this.#signal.throwIfAborted();
        if (this.#error) throw this.#error;
        if (isLate) throw stalled(fileTimeoutMs);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      this.#signal.throwIfAborted();
      if (this.#error) throw this.#error;
    } finally {
      clock.clearTimeout(timer);
      this.#signal.removeEventListener('abort', abort);
    }
  }
}

function stalled(ms: number): FileTransferError {
  return new FileTransferError(
    'FILE_TIMED_OUT',
    `Nothing of the file went out for ${ms / 1000} s: the recipient or the server does not take it. Try again later.`,
  );
}
