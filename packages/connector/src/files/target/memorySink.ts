import type { Sink, TargetResult } from './sink.js';

const FIRST_BYTES = 64 * 1024;

/** Keeps a file in memory, which grows with what has come, not with what was announced. */
export class MemorySink implements Sink {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Copies the chunk. */
  write(chunk: Uint8Array): undefined {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }

  async finish(): Promise<TargetResult> {
    const data = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    return { data };
  }

  async discard(): Promise<void> {
    this.#buffer = Buffer.alloc(0);
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#buffer.length * 2, FIRST_BYTES));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
