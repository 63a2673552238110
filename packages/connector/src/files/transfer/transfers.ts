import type { ServerMessage } from '@quietroom/protocol';
import { FileTransferError, summaryOf } from '../../errors.js';
import { codeOf, type LogEntry } from '../../observe/log.js';
import { assertRecipient } from '../../messages/messageText.js';
import type { TransferContext } from './transferContext.js';
import type { AcceptFileOptions, FileOffer, OfferHandler, PendingOffer, ReceivedFile } from './fileOffer.js';
import { resolveAcceptOptions, resolveSendFileOptions, type SendFileOptions } from './fileOptions.js';
import type { FileSource } from '../source/fileSource.js';
import type { FileTarget } from '../target/fileTarget.js';
import { IncomingFiles } from './incomingFiles.js';
import { OutgoingFiles, type SentFile } from './outgoingFiles.js';
import { ProgressFeed, type FileProgress } from './progress.js';
import { TransferPromise } from './transferPromise.js';

/** What transfers tell their owner. */
export interface TransferEvents {
  /** Somebody offers a file; false when nobody is there to decide. */
  offered(offer: FileOffer): boolean;
  /** Something went wrong that no call waits for. */
  failed(error: unknown): void;
  /** A call begins, or is at its end with all that it held. */
  began(): void;
  ended(): void;
  log(entry: LogEntry): void;
}

interface Call {
  stop(reason: unknown): void;
  readonly over: Promise<void>;
}

/** All files of one connector, in both directions: the calls, and what the server says about them. */
export class Transfers implements OfferHandler {
  readonly #line: TransferContext;
  readonly #events: TransferEvents;
  readonly #report: (error: unknown) => void;
  readonly #outgoing: OutgoingFiles;
  readonly #incoming: IncomingFiles;
  readonly #calls = new Set<Call>();

  /** `report` is told of a transfer that fails while nobody awaits it. */
  constructor(line: TransferContext, events: TransferEvents, report: (error: unknown) => void) {
    this.#line = line;
    this.#events = events;
    this.#report = report;
    this.#outgoing = new OutgoingFiles(line);
    this.#incoming = new IncomingFiles(line, this);
  }

  /** Takes a message that is about a file; false for any other. */
  onMessage(message: ServerMessage): boolean {
    if (message.type === 'fileOffer') {
      const offer = this.#incoming.onOffer(message);
      if (offer && !this.#events.offered(offer)) this.#incoming.declineUnasked(offer);
      return true;
    }
    return this.#outgoing.onMessage(message) || this.#incoming.onMessage(message);
  }

  onPacket(packet: Uint8Array): void {
    this.#incoming.onPacket(packet);
  }

  /** The connection is gone. */
  lost(cause: Error): void {
    const error = new FileTransferError(
      'FILE_INTERRUPTED',
      `The connection to the server was lost (${summaryOf(cause)}). Send the file again, or ask for it again.`,
      { cause },
    );
    this.#outgoing.lost(error);
    this.#incoming.lost(error);
  }

  /** Ends all transfers; those under way are taken back. */
  stop(reason: Error): void {
    for (const call of this.#calls) call.stop(reason);
    this.#incoming.forget();
  }

  /** Resolves when nothing of any transfer is left open. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#calls, ({ over }) => over));
    await Promise.all([this.#outgoing.over, this.#incoming.over]);
  }

  /** Offers a file and sends it. Never throws: what is wrong with the call, it rejects with. */
  send(recipient: string, source: FileSource, given: SendFileOptions): TransferPromise<SentFile> {
    return this.#attempt(() => {
      this.#line.assertTakesCalls();
      assertRecipient(recipient);
      const options = resolveSendFileOptions(given);
      return this.#call('fileSent', options, (progress, signal) =>
        this.#outgoing.send(recipient, source, options, progress, signal),
      );
    });
  }

  receive(offer: PendingOffer, target: FileTarget, given: AcceptFileOptions): TransferPromise<ReceivedFile> {
    return this.#attempt(() => {
      const options = resolveAcceptOptions(given);
      offer.answer('accepted');
      return this.#call('fileReceived', options, (progress, signal, isWhole) =>
        this.#incoming.receive(offer, target, options, progress, { signal, isWhole }),
      );
    });
  }

  decline(offer: PendingOffer): Promise<void> {
    return this.#incoming.decline(offer);
  }

  #attempt<T>(start: () => TransferPromise<T>): TransferPromise<T> {
    try {
      return start();
    } catch (error) {
      const progress = new ProgressFeed(this.#line.clock);
      progress.end();
      const promise = new TransferPromise<T>(this.#report, progress);
      promise.reject(error);
      return promise;
    }
  }

  #call<T extends { readonly bytes: number; readonly seconds: number }>(
    event: 'fileSent' | 'fileReceived',
    options: {
      readonly signal: AbortSignal | undefined;
      readonly onProgress: ((progress: FileProgress) => void) | undefined;
    },
    run: (progress: ProgressFeed, signal: AbortSignal, isWhole: () => void) => Promise<T>,
  ): TransferPromise<T> {
    const { signal } = options;
    const progress = new ProgressFeed(this.#line.clock, this.#guarded(options.onProgress));
    const promise = new TransferPromise<T>(this.#report, progress);
    const stopping = new AbortController();
    let isWhole = false;
    const stop = (reason: unknown): void => {
      // All is there: what is left to do takes a moment, and is done.
      if (isWhole) return;
      stopping.abort(reason);
      // The caller need not wait until all is taken back.
      promise.reject(reason);
    };
    const abort = (): void => stop(signal?.reason);
    const call: Call = {
      stop,
      over: this.#settle(
        run(progress, stopping.signal, () => (isWhole = true)),
        promise,
        event,
      ).finally(() => {
        progress.end();
        signal?.removeEventListener('abort', abort);
        this.#calls.delete(call);
        this.#events.ended();
      }),
    };
    this.#calls.add(call);
    this.#events.began();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    return promise;
  }

  /** A callback that throws disturbs no transfer. */
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
    running: Promise<T>,
    promise: TransferPromise<T>,
    event: 'fileSent' | 'fileReceived',
  ): Promise<void> {
    const verb = event === 'fileSent' ? 'sent' : 'received';
    try {
      const result = await running;
      const { bytes, seconds } = result;
      const message = `A file of ${bytes} bytes was ${verb} in ${seconds.toFixed(1)} s.`;
      this.#events.log({ level: 'info', event, message });
      promise.resolve(result);
    } catch (error) {
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
