import { createHash } from 'node:crypto';
import { isFileEnd, parseFileStart, type ServerMessage } from '@quietroom/protocol';
import { FileTransferError, type ConnectorErrorCode } from '../../errors.js';
import { WriteBuffer } from './writeBuffer.js';
import type { TransferContext } from './transferContext.js';
import type { OpenedTarget } from '../target/fileTarget.js';
import { Latch } from '../../time/latch.js';
import type { ProgressFeed } from './progress.js';

/** A sender begins when the server says so: at once, or when it is done with another file. */
const START_MS = 660_000;

/** So much may wait for a slow target; more is not read from the network. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** What the sender promised. */
export interface Promised {
  readonly name: string;
  readonly sha256: string;
}

/**
 * One file on its way in, from its acceptance to its end: takes packets, and hands what they hold to the target.
 * When it fails before the sender has come to the end, the rest is still taken, and dropped: packets do not say
 * which file they belong to.
 */
export class IncomingFile {
  readonly #line: TransferContext;
  readonly #promised: Promised;
  readonly #target: OpenedTarget;
  readonly #progress: ProgressFeed;
  readonly #queue: WriteBuffer;
  readonly #hash = createHash('sha256');
  readonly #stop = new AbortController();
  /** All has come, or it has failed. */
  readonly #settled = new Latch();
  /** No more packets of it come. */
  readonly #over = new Latch();
  #state: 'starting' | 'receiving' | 'dropping' | 'ended' = 'starting';
  #size = 0;
  #received = 0;
  #startedAt = 0;
  #lastPacketAt: number;
  #isPaused = false;

  constructor(line: TransferContext, promised: Promised, target: OpenedTarget, progress: ProgressFeed) {
    this.#line = line;
    this.#promised = promised;
    this.#progress = progress;
    this.#target = target;
    this.#queue = new WriteBuffer(target, (error) => this.fail(error));
    this.#lastPacketAt = line.clock.now();
  }

  /** So many bytes have come. */
  get bytes(): number {
    return this.#received;
  }

  /** Aborts, with the reason, when it has failed. */
  get failed(): AbortSignal {
    return this.#stop.signal;
  }

  /** Gives it up for this reason. */
  fail(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    if (this.#state !== 'ended') this.#state = 'dropping';
    this.#queue.close();
    this.#goOn();
    this.#stop.abort(reason);
  }

  /** What still comes of it does not matter any more. */
  forget(): void {
    this.#over.reach();
  }

  /** The server says that nothing more comes, and why. */
  ended(code: ConnectorErrorCode, message: string): void {
    this.lost(new FileTransferError(code, message));
  }

  /** Nothing more comes. */
  lost(reason: Error): void {
    this.#over.reach();
    this.fail(reason);
  }

  /** Takes a message that is about it; false for any other. */
  onMessage(message: ServerMessage): boolean {
    switch (message.type) {
      case 'fileReceived':
        // It comes behind the last packet.
        if (this.#state === 'dropping') this.#over.reach();
        return true;
      case 'fileCancelled':
      case 'transferCancelled':
        this.ended(
          'FILE_CANCELLED',
          `The transfer of ${this.#name} was cancelled: ${JSON.stringify(message.text)}.`,
        );
        return true;
      case 'fileReceiveTimedOut':
        this.ended('FILE_TIMED_OUT', `${this.#name} did not come within the time that the server allows.`);
        return true;
      default:
        return false;
    }
  }

  onPacket(packet: Uint8Array): void {
    this.#lastPacketAt = this.#line.clock.now();
    switch (this.#state) {
      case 'starting':
        return this.#start(packet);
      case 'receiving':
        return this.#take(packet);
      case 'dropping':
        if (isFileEnd(packet, this.#received >= this.#size)) this.#over.reach();
        this.#received += packet.length;
        return;
      case 'ended':
        return;
    }
  }

  /**
   * Resolves when all of it is at the target, with the milliseconds that it took.
   *
   * @throws FileTransferError; the reason of `fail` or `lost`
   */
  async receive(): Promise<number> {
    try {
      await this.#whole();
      await this.#queue.drained();
      this.#stop.signal.throwIfAborted();
      return this.#line.clock.now() - this.#startedAt;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Resolves when no more packets of it come, or none has come for long. */
  async over(): Promise<void> {
    const { clock, fileTimeoutMs } = this.#line;
    for (;;) {
      const since = clock.now() - this.#lastPacketAt;
      if (since >= fileTimeoutMs || (await this.#over.within(fileTimeoutMs - since, clock))) return;
    }
  }

  get #name(): string {
    return JSON.stringify(this.#promised.name);
  }

  /** Resolves at the last byte. */
  async #whole(): Promise<void> {
    const { clock, fileTimeoutMs } = this.#line;
    const { signal } = this.#stop;
    for (let waiting: number | undefined; ;) {
      const limitMs = this.#state === 'starting' ? START_MS : fileTimeoutMs;
      const since = this.#isPaused ? 0 : clock.now() - this.#lastPacketAt;
      if (since >= limitMs) throw this.#stopped(limitMs);
      // What is not read because the target is slow is not late, as long as the target takes something.
      if (this.#isPaused && this.#queue.bytes === waiting) throw this.#stuck(limitMs);
      waiting = this.#isPaused ? this.#queue.bytes : undefined;
      if (await this.#settled.within(limitMs - since, clock, signal)) return;
    }
  }

  #stopped(ms: number): FileTransferError {
    return new FileTransferError(
      'FILE_TIMED_OUT',
      `Nothing of ${this.#name} came for ${ms / 1000} s: the sender has stopped. Ask for it again.`,
    );
  }

  #stuck(ms: number): FileTransferError {
    return new FileTransferError(
      'FILE_TARGET_FAILED',
      `The target of ${this.#name} took nothing for ${ms / 1000} s. Look at what reads from it.`,
    );
  }

  #start(packet: Uint8Array): void {
    const start = parseFileStart(packet);
    // Chunks before the start, and the start of another file, are none of this one.
    if (start === undefined || start.sha256 !== this.#promised.sha256) return;
    this.#size = Number.isNaN(start.size) ? 0 : start.size;
    this.#startedAt = this.#line.clock.now();
    this.#state = 'receiving';
    if (this.#size === 0) {
      this.#give('FILE_EMPTY', `${this.#name} is announced as empty, or without a size.`);
    } else {
      this.#progress.enter('transferring', this.#size);
      this.#target.expect(this.#size).catch((error: unknown) => this.fail(error));
    }
  }

  #take(packet: Uint8Array): void {
    if (isFileEnd(packet, this.#received >= this.#size)) return this.#end();
    this.#received += packet.length;
    if (this.#received > this.#size) {
      this.#give(
        'FILE_TOO_LONG',
        `More of ${this.#name} came than the ${this.#size} bytes that were announced.`,
      );
      return;
    }
    this.#hash.update(packet);
    this.#queue.add(packet);
    this.#progress.advance(this.#received);
    if (this.#queue.bytes > MAX_WAITING_BYTES && !this.#isPaused) this.#pause();
  }

  #end(): void {
    this.#state = 'ended';
    this.#over.reach();
    if (this.#received < this.#size) {
      this.#give(
        'FILE_TOO_SHORT',
        `Only ${this.#received} of the ${this.#size} bytes of ${this.#name} came: the sender has stopped. Ask for it again.`,
      );
    } else if (this.#hash.digest('hex') !== this.#promised.sha256) {
      this.#give(
        'FILE_HASH_MISMATCH',
        `What came of ${this.#name} is not what was offered: its SHA-256 is another. Ask for it again.`,
      );
    } else {
      this.#settled.reach();
    }
  }

  #give(code: ConnectorErrorCode, message: string): void {
    this.fail(new FileTransferError(code, message));
  }

  #pause(): void {
    this.#isPaused = true;
    this.#line.pauseReading();
    this.#queue.whenBelow(MAX_WAITING_BYTES / 4, () => this.#goOn());
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#lastPacketAt = this.#line.clock.now();
    this.#line.resumeReading();
  }
}
