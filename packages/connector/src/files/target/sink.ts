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
