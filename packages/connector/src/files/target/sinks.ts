import type { Writable } from 'node:stream';
import type { WritableStream, WritableStreamDefaultWriter } from 'node:stream/web';

/** Where the bytes of a received file are now. */
export interface TargetResult {
  /** Absolute; of what was written into a folder or to a path. */
  readonly path?: string;
  /** Of what was kept in memory. */
  readonly data?: Buffer;
}

/** Takes the bytes of one file, one call after another. After a call that fails it is to be discarded. */
export interface Sink {
  /** Undefined when the next chunk may follow at once. Streams keep the chunk: it must not change any more. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  finish(): Promise<TargetResult>;
  /** Ends what is under way, and removes what was written as far as that can be. Never rejects. */
  discard(reason: unknown): Promise<void>;
}

const LEAST_BUFFER_BYTES = 64 * 1024;

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
    const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#buffer.length * 2, LEAST_BUFFER_BYTES));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** At most one call waits for its stream at a time. */
interface Waiting {
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * Writes into a stream of Node: ended when the file is whole, destroyed with the error when it is not.
 * Standard output and standard error are neither.
 */
export class WritableSink implements Sink {
  readonly #stream: Writable;
  readonly #isOurs: boolean;
  #waiting: Waiting | undefined;
  #failure: { readonly reason: unknown } | undefined;

  /** @throws Error when the stream takes nothing any more */
  constructor(stream: Writable) {
    this.#stream = stream;
    this.#isOurs = stream !== process.stdout && stream !== process.stderr;
    if (stream.destroyed || stream.writableEnded) throw new Error('The stream has been ended or destroyed.');
    stream.on('drain', this.#resume);
    stream.on('error', this.#fail);
    stream.on('close', this.#closed);
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#failure === undefined && this.#stream.write(chunk)) return undefined;
    return this.#wait();
  }

  async finish(): Promise<TargetResult> {
    this.#stream.off('drain', this.#resume);
    const done = (error?: Error | null): void => (error ? this.#fail(error) : this.#resume());
    const finished = this.#wait();
    if (this.#isOurs) this.#stream.end(done);
    else this.#stream.write('', done);
    await finished;
    this.#letGo();
    return {};
  }

  async discard(reason: unknown): Promise<void> {
    this.#fail(reason);
    this.#letGo();
    if (this.#isOurs) this.#stream.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  }

  readonly #resume = (): void => {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  };

  readonly #fail = (reason: unknown): void => {
    this.#failure ??= { reason };
    this.#waiting?.reject(this.#failure.reason);
    this.#waiting = undefined;
  };

  readonly #closed = (): void => this.#fail(new Error('The stream was closed before the end of the file.'));

  #wait(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #letGo(): void {
    this.#stream.off('drain', this.#resume);
    this.#stream.off('close', this.#closed);
    // Our own stream may still emit an error, which would end the process without a listener.
    if (!this.#isOurs) this.#stream.off('error', this.#fail);
  }
}

/** Writes into a stream of the Web: closed when the file is whole, aborted with the error when it is not. */
export class WebSink implements Sink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #stop: (reason: unknown) => void = () => {};

  /** @throws TypeError when the stream is locked */
  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch(() => {});
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    const written = this.#writer.write(chunk);
    if ((this.#writer.desiredSize ?? 0) <= 0) return this.#unlessDiscarded(written);
    // Reported at the next chunk, or at the end.
    written.catch(() => {});
    return undefined;
  }

  async finish(): Promise<TargetResult> {
    await this.#unlessDiscarded(this.#writer.close());
    return {};
  }

  async discard(reason: unknown): Promise<void> {
    this.#stop(reason);
    // Not awaited: it waits for a write that is under way, which may hang.
    this.#writer.abort(reason).catch(() => {});
  }

  /** The step may hang, and cannot be aborted. */
  #unlessDiscarded(step: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stop = reject;
      step.then(resolve, reject);
    });
  }
}
