/** The file transfers that the chat needs. */
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

/** An offered file. */
export interface Offer {
  readonly sender: string;
  /** A safe name, suggested by the sender. */
  readonly name: string;
  /** Aborted when the offer ends. */
  readonly withdrawn: AbortSignal;
  /** Resolves with the path of the saved file. */
  accept(options: TransferOptions): Promise<string>;
  decline(): Promise<void>;
}
