import { Fifo } from '@quietroom/protocol';

/** Takes bytes one after another, each when the one before is taken; undefined when more may follow at once. */
export interface ChunkSink {
  write(chunk: Uint8Array): Promise<void> | undefined;
}

/** What lies between the network and a target that takes its time. */
export class WriteBuffer {
  readonly #sink: ChunkSink;
  readonly #failed: (error: unknown) => void;
  readonly #chunks = new Fifo<Uint8Array>();
  #bytes = 0;
  #pumping: Promise<void> | undefined;
  #onDrain: (() => void) | undefined;
  #isClosed = false;

  /** `failed` is told once, when the target takes no more. */
  constructor(sink: ChunkSink, failed: (error: unknown) => void) {
    this.#sink = sink;
    this.#failed = failed;
  }

  /** Bytes that the target has not taken. */
  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    this.#bytes += chunk.length;
    if (this.#pumping !== undefined) {
      this.#chunks.add(chunk);
      return;
    }
    const pending = this.#sink.write(chunk);
    if (pending === undefined) this.#bytes -= chunk.length;
    else this.#pumping = this.#pump(pending, chunk.length);
  }

  /** Calls back once, when no more than so many bytes wait. */
  whenBelow(bytes: number, callback: () => void): void {
    this.#onDrain = () => {
      if (this.#bytes > bytes) return;
      this.#onDrain = undefined;
      callback();
    };
  }

  /** Resolves when the target has taken all, or takes no more. */
  async drained(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
  }

  /** Forgets what waits, and takes no more. */
  close(): void {
    this.#isClosed = true;
    while (this.#chunks.take() !== undefined);
  }

  async #pump(pending: Promise<void>, bytes: number): Promise<void> {
    try {
      await pending;
      this.#took(bytes);
      for (let chunk = this.#chunks.take(); chunk; chunk = this.#chunks.take()) {
        await this.#sink.write(chunk);
        this.#took(chunk.length);
      }
    } catch (error) {
      if (!this.#isClosed) this.#failed(error);
      this.close();
    } finally {
      this.#pumping = undefined;
    }
  }

  #took(bytes: number): void {
    this.#bytes -= bytes;
    this.#onDrain?.();
  }
}
