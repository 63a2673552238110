import type { ServerMessage } from '@quietroom/protocol';
import { unlessAborted } from '../../time/clock.js';
import { FileTransferError, type ConnectorError } from '../../errors.js';
import type { TransferContext } from './transferContext.js';
import { safeName } from '../target/fileNames.js';
import { PendingOffer, type OfferHandler, type ReceivedFile } from './fileOffer.js';
import type { ResolvedAcceptOptions } from './fileOptions.js';
import { openTarget, type FileTarget, type OpenedTarget } from '../target/fileTarget.js';
import { IncomingFile } from './incomingFile.js';
import type { ProgressFeed } from './progress.js';
import { Mutex } from '../../time/mutex.js';

/** Servers forget an offer that nobody has accepted after 5 minutes; it is declined a little before that. */
const LIFETIME_MS = 295_000;

/** So many offers can be open at once; more are declined. */
const MAX_OFFERS = 100;

/** An offer, and what lets it expire. */
interface OpenOffer {
  readonly offer: PendingOffer;
  readonly timer: unknown;
}

/** How a reception is ended before its time, and until when it can be. */
interface ReceiveControl {
  readonly signal: AbortSignal;
  readonly isWhole: () => void;
}

/** Manages what others offer, and receives files, one after another: their packets do not say which file they belong to. */
export class IncomingFiles {
  readonly #line: TransferContext;
  readonly #desk: OfferHandler;
  readonly #turns = new Mutex();
  /** Those that the server still knows as open, by their IDs. */
  readonly #offers = new Map<string, OpenOffer>();
  /** The file that the server has been told to let come. */
  #current: { readonly file: IncomingFile; readonly id: string; readonly sender: string } | undefined;

  constructor(line: TransferContext, desk: OfferHandler) {
    this.#line = line;
    this.#desk = desk;
  }

  /** Resolves when no more comes of all that was accepted by now. */
  get over(): Promise<void> {
    return this.#turns.over;
  }

  /** What still comes does not matter any more. */
  forget(): void {
    this.#current?.file.forget();
  }

  /** Takes an offer; undefined when there are too many, or when it is known. */
  onOffer(message: ServerMessage & { type: 'fileOffer' }): PendingOffer | undefined {
    const { id, name: sender, file, sha256 } = message;
    if (this.#offers.has(id)) return undefined;
    if (this.#offers.size >= MAX_OFFERS) {
      void this.#sayDeclined(id);
      return undefined;
    }
    const receivedAt = new Date();
    const expiresAt = new Date(receivedAt.getTime() + LIFETIME_MS);
    const details = { id, sender, name: safeName(file), sha256: sha256.toLowerCase(), receivedAt, expiresAt };
    const offer = new PendingOffer(details, this.#desk);
    const timer = this.#line.clock.setTimeout(() => this.#expire(offer), LIFETIME_MS);
    this.#offers.set(id, { offer, timer });
    return offer;
  }

  /** Takes a message that is about a file that comes or is offered; false for any other. */
  onMessage(message: ServerMessage): boolean {
    if (message.type === 'left') {
      for (const { offer } of this.#offers.values()) {
        if (offer.sender === message.name) this.#withdraw(offer, senderGone(offer));
      }
      return false;
    }
    if (message.type === 'transferCancelled' && message.id !== this.#current?.id) {
      const open = this.#offers.get(message.id);
      if (open) this.#withdraw(open.offer, senderGone(open.offer));
      return open !== undefined;
    }
    if (message.type === 'fileCancelled' && !this.#isAboutCurrent()) return this.#onCancelled();
    return this.#current?.file.onMessage(message) ?? false;
  }

  onPacket(packet: Uint8Array): void {
    this.#current?.file.onPacket(packet);
  }

  /** The connection is gone, and with it all offers. */
  lost(reason: Error): void {
    for (const { offer } of this.#offers.values()) this.#withdraw(offer, reason);
    this.#current?.file.lost(reason);
  }

  /** @throws ConnectorError */
  async decline(offer: PendingOffer): Promise<void> {
    this.#forget(offer);
    await this.#line.ask({ type: 'decline', id: offer.id });
  }

  /** Declines what nobody of ours has to decide on. */
  declineUnasked(offer: PendingOffer): void {
    offer.answer('declined');
    this.#declineUnasked(offer);
  }

  /**
   * Receives an offered file when those before it are through; the turn lasts until no more of it comes. `isWhole` is
   * called when all of it has come, and the signal does not count any more.
   *
   * @throws FileTransferError; ConnectorError; the signal's reason, when it aborts
   */
  async receive(
    offer: PendingOffer,
    target: FileTarget,
    options: ResolvedAcceptOptions,
    progress: ProgressFeed,
    { signal, isWhole }: ReceiveControl,
  ): Promise<ReceivedFile> {
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal.reason);
    const withdrawn = (): void => stop.abort(offer.withdrawn.reason);
    signal.addEventListener('abort', abort, { once: true });
    offer.withdrawn.addEventListener('abort', withdrawn, { once: true });
    if (signal.aborted) abort();
    progress.enter('waiting');
    try {
      const end = await this.#turns.take(stop.signal);
      return await this.#take(offer, target, options, progress, { signal: stop.signal, isWhole }, end);
    } catch (error) {
      // Whoever waits for the file to begin, or to end, hears of it; what is over already, the server does not know.
      if (!offer.withdrawn.aborted) this.#declineUnasked(offer);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      offer.withdrawn.removeEventListener('abort', withdrawn);
    }
  }

  /** `endTurn` is called when the next file can come, which may be later than the end of this one here. */
  async #take(
    offer: PendingOffer,
    given: FileTarget,
    options: ResolvedAcceptOptions,
    progress: ProgressFeed,
    { signal, isWhole }: ReceiveControl,
    endTurn: () => void,
  ): Promise<ReceivedFile> {
    const { id, sender, sha256 } = offer;
    const name = options.name === undefined ? offer.name : safeName(options.name);
    let target: OpenedTarget | undefined;
    let file: IncomingFile | undefined;
    let isAccepted = false;
    const stop = (): void => file?.fail(signal.reason);
    try {
      if (id.includes(' ')) throw notAcceptable(offer);
      target = await openTarget(given, { name, maxBytes: options.maxBytes });
      signal.throwIfAborted();
      file = new IncomingFile(this.#line, { name, sha256 }, target, progress);
      signal.addEventListener('abort', stop, { once: true });
      // Before the question: packets can come in one record with its answer.
      this.#current = { file, id, sender };
      this.#forget(offer);
      progress.enter('offered');
      isAccepted = true;
      const refusal = await unlessAborted(this.#accept(offer), file.failed);
      if (refusal) {
        isAccepted = false;
        throw refusal;
      }
      const seconds = (await file.receive()) / 1000;
      isWhole();
      const { path, data } = await target.finish();
      progress.enter('done');
      const written = path === undefined ? name : path.replace(/^.*[/\\]/, '');
      return { sender, name: written, bytes: file.bytes, sha256, seconds, path, data };
    } catch (error) {
      file?.fail(error);
      await target?.discard(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      void this.#clear(isAccepted ? file : undefined, endTurn);
    }
  }

  /** The next file's packets could not be told from what may still come of this one. */
  async #clear(file: IncomingFile | undefined, endTurn: () => void): Promise<void> {
    await file?.over();
    this.#current = undefined;
    endTurn();
  }

  /** Tells the server that the file may come; an error when it says that it may not. */
  async #accept({ id, name }: PendingOffer): Promise<FileTransferError | undefined> {
    const answer = await this.#line.ask({ type: 'accept', id });
    if (answer.type === 'fileAccepted') return undefined;
    return new FileTransferError(
      'FILE_EXPIRED',
      `The server does not know the offer of ${JSON.stringify(name)} any more: it has expired, or was withdrawn.`,
    );
  }

  #isAboutCurrent(): boolean {
    if (this.#current === undefined) return false;
    const { sender } = this.#current;
    // The text names nobody: with other senders' offers open, it can be about any of them.
    return [...this.#offers.values()].every(({ offer }) => offer.sender === sender);
  }

  /** It says neither whose nor which: one open offer is meant, and of several none is given up for it. */
  #onCancelled(): boolean {
    const [only, ...others] = this.#offers.values();
    if (only === undefined) return false;
    if (others.length === 0 && this.#current === undefined)
      this.#withdraw(only.offer, senderGone(only.offer));
    return true;
  }

  #expire(offer: PendingOffer): void {
    this.#withdraw(
      offer,
      new FileTransferError('FILE_EXPIRED', `${JSON.stringify(offer.name)} was not accepted in time.`),
    );
    void this.#sayDeclined(offer.id);
  }

  #withdraw(offer: PendingOffer, reason: Error): void {
    this.#forget(offer);
    offer.withdraw(reason);
  }

  #forget({ id }: PendingOffer): void {
    const open = this.#offers.get(id);
    if (open === undefined) return;
    this.#line.clock.clearTimeout(open.timer);
    this.#offers.delete(id);
  }

  #declineUnasked(offer: PendingOffer): void {
    this.#forget(offer);
    void this.#sayDeclined(offer.id);
  }

  async #sayDeclined(id: string): Promise<void> {
    try {
      const answer = await this.#line.ask({ type: 'decline', id });
      // A server of ours ends a file that comes already; others send it to its end.
      if (answer.type === 'fileDeclined' && this.#current?.id === id) this.#current.file.forget();
    } catch {
      // The offer ends with the connection, or by itself.
    }
  }
}

/** The ID holds the name, and a 1.x server reads it up to the blank. */
function notAcceptable({ sender }: PendingOffer): FileTransferError {
  return new FileTransferError(
    'FILE_REFUSED',
    `On this server nobody can accept a file from ${JSON.stringify(sender)}, because of the blank in that name. Ask for it to be sent by another name.`,
  );
}

function senderGone({ sender, name }: PendingOffer): ConnectorError {
  return new FileTransferError(
    'FILE_CANCELLED',
    `The offer of ${JSON.stringify(name)} is gone: ${JSON.stringify(sender)} has left or withdrawn it.`,
  );
}
