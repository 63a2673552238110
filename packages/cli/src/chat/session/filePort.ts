/** What the chat needs of file transfers. */
export interface FilePort {
  /** Resolves when the file has arrived. */
  send(recipient: string, path: string, options: TransferOptions): Promise<void>;
  onOffer(callback: (offer: Offer) => void): void;
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

export interface TransferProgress {
  readonly stage: 'hashing' | 'waiting' | 'offered' | 'transferring' | 'done';
  readonly bytes: number;
  readonly totalBytes: number | undefined;
}

/** A file that somebody offers to us. */
export interface Offer {
  readonly sender: string;
  /** Safe, but only a suggestion. */
  readonly name: string;
  /** Aborted when it can be accepted no more. */
  readonly withdrawn: AbortSignal;
  /** Resolves with where it was saved. */
  accept(options: TransferOptions): Promise<string>;
  decline(): Promise<void>;
}
