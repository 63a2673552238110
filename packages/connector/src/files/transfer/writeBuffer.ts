import { Fifo } from '@quietroom/protocol/internals';

/** Takes bytes one after another, each when the one before is taken; undefined when more may follow at once. */
export interface ChunkSink {
  write(chunk: Uint8Array): Promise<void> | undefined;
}

export interface WriteBufferEvents {
  /** This many bytes wait for the sink: more, or fewer, than before. */
  changed(bytes: number): void;
  /** The sink takes no more; called once. */
  failed(error: unknown): void;
}

/** Holds bytes from the network until a slow sink takes them. */
export class WriteBuffer {
  readonly #sink: ChunkSink;
  readonly #events: WriteBufferEvents;
  readonly #chunks = new Fifo<Uint8Array>();
  #bytes = 0;
  #isWriting = false;
  #isClosed = false;

  constructor(sink: ChunkSink, events: WriteBufferEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  add(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#isWriting) {
      this.#chunks.add(chunk);
      this.#change(chunk.length);
      return;
    }
    const pending = this.#sink.write(chunk);
    if (pending === undefined) return;
    this.#change(chunk.length);
    void this.#writeAll(pending, chunk.length);
  }

  /** Drops what waits, and takes no more. */
  close(): void {
    this.#isClosed = true;
    while (this.#chunks.take() !== undefined);
  }

  async #writeAll(first: Promise<void>, firstBytes: number): Promise<void> {
    this.#isWriting = true;
    try {
      await first;
      this.#change(-firstBytes);
      for (let chunk = this.#chunks.take(); chunk; chunk = this.#chunks.take()) {
        await this.#sink.write(chunk);
        this.#change(-chunk.length);
      }
    } catch (error) {
      if (!this.#isClosed) this.#events.failed(error);
      this.close();
    } finally {
      this.#isWriting = false;
    }
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    if (!this.#isClosed) this.#events.changed(this.#bytes);
  }
}
