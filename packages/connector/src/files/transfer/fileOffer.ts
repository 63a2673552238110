import { FileTransferError } from '../../errors.js';
import type { FileTarget } from '../target/fileTarget.js';
import type { FileProgress, FileTransfer, TransferPromise } from './progress.js';

/** A file that was received. */
export interface ReceivedFile {
  readonly sender: string;
  /** The name that it was written by, in a folder; else the one that was suggested. */
  readonly name: string;
  readonly bytes: number;
  /** In hex; what was received has it. */
  readonly sha256: string;
  /** From the first byte to the last. */
  readonly seconds: number;
  /** Where it is, when it was written to a file. */
  readonly path: string | undefined;
  /** The content, when it was received into memory. */
  readonly data: Buffer | undefined;
}

/** How an offered file is received. */
export interface AcceptFileOptions {
  /** Aborting it ends the transfer: the call rejects with its reason, and nothing is left behind. */
  signal?: AbortSignal;
  /** The largest file that is accepted. Default 1 GiB; into memory 64 MiB. */
  maxBytes?: number;
  /** The name in a folder. Default: the one that the sender suggests, made safe. */
  name?: string;
  /** Called when the stage changes, and at most ten times a second within one. */
  onProgress?: (progress: FileProgress) => void;
}

/** The data of an offer. */
export interface OfferDetails {
  readonly id: string;
  readonly sender: string;
  /** A suggested name, made from the one that the sender gave: without a path, in NFC, safe on every system. */
  readonly name: string;
  /** In hex, as the sender says; what is received is compared with it. */
  readonly sha256: string;
  readonly receivedAt: Date;
  readonly expiresAt: Date;
}

/**
 * The offer of a file. Accept or decline it, once; an unanswered offer is declined when it expires.
 *
 * @example
 * bot.onFileOffer(async (offer) => {
 *   const { path } = await offer.accept('./incoming/');
 *   console.log(`${offer.sender} sent ${path}`);
 * });
 */
export interface FileOffer extends OfferDetails {
  /** False when it was accepted or declined, or can no longer be. */
  readonly isOpen: boolean;
  /** Aborts, with the reason, when it can no longer be accepted: it expired, or the sender or the connection is gone. */
  readonly withdrawn: AbortSignal;
  /**
   * Accepts the file and receives it, when those that were accepted before are through. Resolves when all of it is
   * at the target and its hash is right; whatever goes wrong, nothing of it is left there.
   *
   * @param target a folder, where it never replaces another file, and which is made if its path ends in a slash; a path
   * with an extension where there is no file yet, or `{ path }`; a stream; or
   * `{ memory: true }`
   * @throws FileTransferError `FILE_ANSWERED`, `FILE_REFUSED`, `FILE_EXPIRED`, `FILE_CANCELLED`, `FILE_TIMED_OUT`,
   * `FILE_INTERRUPTED`, `FILE_TOO_LARGE`, `FILE_TOO_SHORT`, `FILE_TOO_LONG`, `FILE_EMPTY`, `FILE_HASH_MISMATCH`, `FILE_EXISTS`,
   * `FILE_TARGET_FAILED`; ConnectorError as `sendDm`; the signal's reason
   */
  accept(target: FileTarget, options?: AcceptFileOptions): FileTransfer<ReceivedFile>;
  /**
   * Declines the file; the sender is notified.
   *
   * @throws FileTransferError `FILE_ANSWERED`; ConnectorError `NO_ANSWER`, and as `sendDm`
   */
  decline(): Promise<void>;
}

/** Carries out the answer to an offer. */
export interface OfferHandler {
  receive(offer: PendingOffer, target: FileTarget, options: AcceptFileOptions): TransferPromise<ReceivedFile>;
  decline(offer: PendingOffer): Promise<void>;
}

/** An offer with the methods that its manager needs. */
export class PendingOffer implements FileOffer {
  readonly id: string;
  readonly sender: string;
  readonly name: string;
  readonly sha256: string;
  readonly receivedAt: Date;
  readonly expiresAt: Date;
  readonly #handler: OfferHandler;
  readonly #withdrawn = new AbortController();
  #state: 'open' | 'accepted' | 'declined' = 'open';

  constructor(details: OfferDetails, handler: OfferHandler) {
    this.id = details.id;
    this.sender = details.sender;
    this.name = details.name;
    this.sha256 = details.sha256;
    this.receivedAt = details.receivedAt;
    this.expiresAt = details.expiresAt;
    this.#handler = handler;
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#withdrawn.signal.aborted;
  }

  get withdrawn(): AbortSignal {
    return this.#withdrawn.signal;
  }

  accept(target: FileTarget, options: AcceptFileOptions = {}): TransferPromise<ReceivedFile> {
    return this.#handler.receive(this, target, options);
  }

  async decline(): Promise<void> {
    this.answer('declined');
    await this.#handler.decline(this);
  }

  /**
   * Marks it as answered.
   *
   * @throws FileTransferError `FILE_ANSWERED`; the reason of `withdraw`
   */
  answer(state: 'accepted' | 'declined'): void {
    this.#withdrawn.signal.throwIfAborted();
    if (this.#state !== 'open') {
      throw new FileTransferError(
        'FILE_ANSWERED',
        `The offer of ${JSON.stringify(this.name)} was ${this.#state} already. An offer is answered once.`,
      );
    }
    this.#state = state;
  }

  /** It can no longer be accepted. */
  withdraw(reason: Error): void {
    this.#withdrawn.abort(reason);
  }
}
