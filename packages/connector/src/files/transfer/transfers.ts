import type { ServerMessage } from '@quietroom/protocol';
import { FileTransferError, summaryOf } from '../../errors.js';
import { codeOf, type LogEntry } from '../../observe/log.js';
import type { FileCounts } from '../../observe/stats.js';
import { assertRecipient } from '../../messages/messageText.js';
import type { TransferContext } from './transferContext.js';
import type { AcceptFileOptions, FileOffer, OfferHandler, PendingOffer, ReceivedFile } from './fileOffer.js';
import { resolveAcceptOptions, resolveSendFileOptions, type SendFileOptions } from './fileOptions.js';
import type { FileSource } from '../source/fileSource.js';
import type { FileTarget } from '../target/fileTarget.js';
import { IncomingFiles } from './incomingFiles.js';
import { OutgoingFiles, type SentFile } from './outgoingFiles.js';
import { ProgressFeed, TransferPromise, type FileProgress } from './progress.js';

/** The reports of transfers to their owner. */
export interface TransferEvents {
  /** A file is offered; false when no callback is there to decide. */
  offered(offer: FileOffer): boolean;
  /** An error that no call waits for. */
  failed(error: unknown): void;
  /** A call begins, or has ended. */
  began(): void;
  ended(): void;
  log(entry: LogEntry): void;
}

/** A file on its way. */
interface Transfer<T> {
  readonly result: Promise<T>;
  stop(reason: unknown): void;
}

/** The options of both directions. */
interface CallOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: FileProgress) => void) | undefined;
}

/** A call, and the promise that it is at its end. */
interface Call {
  readonly transfer: Transfer<unknown>;
  readonly over: Promise<void>;
}

/** All files of one connector, in both directions. */
export class Transfers implements OfferHandler {
  readonly #context: TransferContext;
  readonly #events: TransferEvents;
  readonly #report: (error: unknown) => void;
  readonly #outgoing: OutgoingFiles;
  readonly #incoming: IncomingFiles;
  readonly #calls = new Set<Call>();
  readonly #counts = { filesSent: 0, filesReceived: 0, filesFailed: 0 };

  /** `report` is called with the error of a transfer that nobody awaits. */
  constructor(context: TransferContext, events: TransferEvents, report: (error: unknown) => void) {
    this.#context = context;
    this.#events = events;
    this.#report = report;
    this.#outgoing = new OutgoingFiles(context);
    this.#incoming = new IncomingFiles(context, this);
  }

  /** No transfer is under way, and no offer is open. */
  get isIdle(): boolean {
    return this.#calls.size === 0 && !this.#outgoing.isBusy && !this.#incoming.isBusy;
  }

  /** Bytes of a file are on their way, or may be at any moment. */
  get isRunning(): boolean {
    return this.#outgoing.isBusy || this.#incoming.isRunning;
  }

  /** How the transfers so far have ended. */
  get counts(): FileCounts {
    return { ...this.#counts };
  }

  /** Takes a message that is about a file; false for any other. */
  onMessage(message: ServerMessage): boolean {
    if (message.type === 'fileOffer') {
      const offer = this.#incoming.onOffer(message);
      if (offer && !this.#events.offered(offer)) {
        offer.answer('declined');
        this.#incoming.decline(offer);
      }
      return true;
    }
    return this.#outgoing.onMessage(message) || this.#incoming.onMessage(message);
  }

  onPacket(packet: Uint8Array): void {
    this.#incoming.onPacket(packet);
  }

  /** The connection is lost; `reason` is called only when that ends a transfer. */
  lost(reason: () => Error): void {
    this.#outgoing.forgetServer();
    if (this.isIdle) return;
    const cause = reason();
    const error = new FileTransferError(
      'FILE_INTERRUPTED',
      `The connection to the server was lost (${summaryOf(cause)}). Send the file again, or ask for it again.`,
      { cause },
    );
    this.#outgoing.lost(error);
    this.#incoming.lost(error);
  }

  /** Ends all transfers: offers are withdrawn, files under way are ended. */
  stop(reason: Error): void {
    for (const { transfer } of this.#calls) transfer.stop(reason);
    this.#incoming.forget();
  }

  /** Resolves when no transfer leaves anything open. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#calls, ({ over }) => over));
    await Promise.all([this.#outgoing.idle(), this.#incoming.idle()]);
  }

  /** Offers a file and sends it. Never throws: a wrong argument makes the promise reject. */
  send(recipient: string, source: FileSource, given: SendFileOptions): TransferPromise<SentFile> {
    return this.#attempt(() => {
      this.#context.assertTakesCalls();
      this.#context.assertTakesFiles();
      assertRecipient(recipient);
      const options = resolveSendFileOptions(given);
      options.signal?.throwIfAborted();
      return this.#call('fileSent', options, (progress) =>
        this.#outgoing.send({ recipient, source, options, progress }),
      );
    });
  }

  receive(offer: PendingOffer, target: FileTarget, given: AcceptFileOptions): TransferPromise<ReceivedFile> {
    return this.#attempt(() => {
      this.#context.assertTakesFiles();
      const options = resolveAcceptOptions(given);
      offer.answer('accepted');
      return this.#call('fileReceived', options, (progress) =>
        this.#incoming.receive({ offer, target, options, progress }),
      );
    });
  }

  decline(offer: PendingOffer): Promise<void> {
    return this.#incoming.declineAndWait(offer);
  }

  #attempt<T>(start: () => TransferPromise<T>): TransferPromise<T> {
    try {
      return start();
    } catch (error) {
      const progress = new ProgressFeed(this.#context.clock);
      progress.end();
      const promise = new TransferPromise<T>(this.#report, progress);
      promise.reject(error);
      return promise;
    }
  }

  #call<T extends { readonly bytes: number; readonly seconds: number }>(
    event: 'fileSent' | 'fileReceived',
    { signal, onProgress }: CallOptions,
    start: (progress: ProgressFeed) => Transfer<T>,
  ): TransferPromise<T> {
    const progress = new ProgressFeed(this.#context.clock, this.#guarded(onProgress));
    const transfer = start(progress);
    const promise = new TransferPromise<T>(this.#report, progress);
    const abort = (): void => transfer.stop(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const over = this.#settle(transfer.result, promise, event).finally(() => {
      progress.end();
      signal?.removeEventListener('abort', abort);
      this.#calls.delete(call);
      this.#events.ended();
    });
    const call: Call = { transfer, over };
    this.#calls.add(call);
    this.#events.began();
    return promise;
  }

  /** A callback that throws does not disturb the transfer. */
  #guarded(
    callback: ((progress: FileProgress) => void) | undefined,
  ): ((progress: FileProgress) => void) | undefined {
    if (callback === undefined) return undefined;
    return (progress) => {
      try {
        callback(progress);
      } catch (error) {
        this.#events.failed(error);
      }
    };
  }

  async #settle<T extends { readonly bytes: number; readonly seconds: number }>(
    result: Promise<T>,
    promise: TransferPromise<T>,
    event: 'fileSent' | 'fileReceived',
  ): Promise<void> {
    const verb = event === 'fileSent' ? 'sent' : 'received';
    try {
      const file = await result;
      const message = `A file of ${file.bytes} bytes was ${verb} in ${file.seconds.toFixed(1)} s.`;
      this.#counts[event === 'fileSent' ? 'filesSent' : 'filesReceived']++;
      this.#events.log({ level: 'info', event, message });
      promise.resolve(file);
    } catch (error) {
      this.#counts.filesFailed++;
      this.#events.log({
        level: 'warn',
        event: 'fileFailed',
        message: `A file was not ${verb}.`,
        ...codeOf(error),
      });
      promise.reject(error);
    }
  }
}
