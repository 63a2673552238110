import { chunkLength } from '@quietroom/protocol';
import { sleep } from '../../time/clock.js';
import type { TransferContext } from './transferContext.js';
import { SendWindow } from './sendWindow.js';

/**
 * How fast a file is sent.
 *
 * - `compatible`: as existing clients send, so that they lose nothing through a 1.x server
 * - `fast`: as fast as the network and the recipient take it
 */
export type Pace = 'compatible' | 'fast';

/** Existing clients send chunks of this size, and pause this long after each. */
const COMPATIBLE_CHUNK_BYTES = 3900;
const COMPATIBLE_PAUSE_MS = 30;

/** A 1.x server allows a transfer this long, from the acceptance on. */
const SERVER_TIME_LIMIT_MS = 600_000;

/** Larger files do not get through a 1.x server at the compatible pace within its time limit. */
export const MAX_COMPATIBLE_BYTES = (SERVER_TIME_LIMIT_MS / COMPATIBLE_PAUSE_MS) * COMPATIBLE_CHUNK_BYTES;

/** Bytes handed to the connection ahead of the network: other messages wait behind them. */
const AHEAD_BYTES = 32_768;

/** Sends the packets of one file, no faster than the connection takes them. */
export class ChunkSender {
  readonly #context: TransferContext;
  readonly #signal: AbortSignal;
  readonly #moved: () => void;
  readonly #window: SendWindow;
  #untakenBytes = 0;
  #error: Error | undefined;
  #wake: () => void = () => {};

  /** `signal` ends every wait with its reason; `moved` is called when the connection or the server has taken bytes. */
  constructor(context: TransferContext, signal: AbortSignal, moved: () => void) {
    this.#context = context;
    this.#signal = signal;
    this.#moved = moved;
    this.#window = new SendWindow(context, signal, () => this.#onRoom());
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Sends a packet. Throws when nothing can be sent. */
  send(bytes: Uint8Array): void {
    this.#untakenBytes += bytes.length;
    this.#context.sendPacket(bytes, (error) => {
      this.#untakenBytes -= bytes.length;
      if (error) this.#error ??= error;
      this.#onRoom();
    });
  }

  /**
   * Sends these bytes in chunks that cannot be taken for a marker; `sent` is called with the length of each. The
   * bytes must not change until the connection has taken them.
   *
   * @throws the signal's reason; why nothing can be sent
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

  /** Leaves a 1.x reader behind a 1.x server time to read the packet before the next is sent. */
  async pause(pace: Pace): Promise<void> {
    if (pace === 'compatible') await sleep(this.#context.clock, COMPATIBLE_PAUSE_MS, this.#signal);
  }

  /** Resolves when the connection has taken most of what was sent, and the server has read enough of it. */
  async #room(): Promise<void> {
    while (this.#untakenBytes > AHEAD_BYTES / 2 || this.#window.isFull) {
      this.#throwIfFailed();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    this.#signal.throwIfAborted();
    if (this.#error) throw this.#error;
  }

  #onRoom(): void {
    this.#moved();
    // In two halves, so that the connection has something to do while the next chunks are made.
    if (this.#error || this.#untakenBytes <= AHEAD_BYTES / 2) this.#wake();
  }
}
