import type { ServerMessage } from '@quietroom/protocol';
import { FileTransferError, type ConnectorError } from '../../errors.js';
import { safeName } from '../target/fileNames.js';
import { PendingOffer, type OfferHandler } from './fileOffer.js';
import { IncomingFile, type Acceptance, type IncomingHost } from './incomingFile.js';
import type { TransferContext } from './transferContext.js';
import { TransferQueue } from './transferQueue.js';

/** Servers forget an offer that is not accepted within 5 minutes; it is declined a little before that. */
const OFFER_LIFETIME_MS = 295_000;

/** More open offers than this are declined. */
const MAX_OFFERS = 100;

/** Declines that wait for their answers; further offers are left to expire, or they would fill the send queue. */
const MAX_DECLINES = 100;

/** An offer, and the timer that lets it expire. */
interface OpenOffer {
  readonly offer: PendingOffer;
  readonly timer: unknown;
}

/** Keeps the offers of others, and receives the accepted ones, one after another. */
export class IncomingFiles implements IncomingHost {
  readonly #context: TransferContext;
  readonly #handler: OfferHandler;
  readonly #queue = new TransferQueue<IncomingFile>();
  /** Those that the server still knows as open, by their IDs. */
  readonly #offers = new Map<string, OpenOffer>();
  #declines = 0;

  constructor(context: TransferContext, handler: OfferHandler) {
    this.#context = context;
    this.#handler = handler;
  }

  /** A file is being received. */
  get isRunning(): boolean {
    return this.#queue.running !== undefined;
  }

  /** A file is being received or waits for it, or an offer is open. */
  get isBusy(): boolean {
    return this.#offers.size > 0 || this.#queue.running !== undefined;
  }

  /** Resolves when no accepted file is still being received. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Does not wait for the rest of files that have failed. */
  forget(): void {
    for (const file of this.#queue.all) file.silent();
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
    const expiresAt = new Date(receivedAt.getTime() + OFFER_LIFETIME_MS);
    const details = { id, sender, name: safeName(file), sha256: sha256.toLowerCase(), receivedAt, expiresAt };
    const offer = new PendingOffer(details, this.#handler);
    const timer = this.#context.clock.setTimeout(() => this.#expire(offer), OFFER_LIFETIME_MS);
    this.#offers.set(id, { offer, timer });
    return offer;
  }

  /** Takes a message about a file that comes or is offered; false for any other. */
  onMessage(message: ServerMessage): boolean {
    if (message.type === 'left') {
      for (const { offer } of this.#offers.values()) {
        if (offer.sender === message.name) this.#withdraw(offer, senderGone(offer));
      }
      return false;
    }
    const current = this.#current;
    if (message.type === 'transferCancelled' && message.id !== current?.offer.id) {
      const open = this.#offers.get(message.id);
      if (open) this.#withdraw(open.offer, senderGone(open.offer));
      return open !== undefined;
    }
    if (message.type === 'fileCancelled' && !this.#isAboutCurrent()) return this.#onCancelled();
    return current?.onMessage(message) ?? false;
  }

  onPacket(packet: Uint8Array): void {
    this.#current?.onPacket(packet);
  }

  /** The connection is gone, and with it all offers. */
  lost(reason: Error): void {
    for (const { offer } of this.#offers.values()) this.#withdraw(offer, reason);
    for (const file of this.#queue.all) file.lost(reason);
  }

  /** @throws ConnectorError */
  async declineAndWait({ id }: PendingOffer): Promise<void> {
    this.#forget(id);
    await this.#context.ask({ type: 'decline', id });
  }

  /**
   * Receives an offered file when those before it are over.
   *
   * @throws FileTransferError `FILE_REFUSED`; the signal's reason when it has aborted
   */
  receive(acceptance: Acceptance): IncomingFile {
    const { offer, options, progress } = acceptance;
    try {
      options.signal?.throwIfAborted();
      if (offer.id.includes(' ')) throw notAcceptable(offer);
    } catch (error) {
      this.decline(offer);
      throw error;
    }
    progress.enter('waiting');
    const file = new IncomingFile(this.#context, acceptance, this);
    offer.withdrawn.addEventListener('abort', () => file.lost(offer.withdrawn.reason), { once: true });
    this.#queue.add(file);
    return file;
  }

  accepting({ id }: PendingOffer): void {
    this.#context.fileComes();
    this.#forget(id);
  }

  decline({ id }: PendingOffer): void {
    this.#forget(id);
    void this.#sayDeclined(id);
  }

  over(file: IncomingFile): void {
    this.#queue.remove(file);
    this.#context.fileIsOver();
  }

  /** The file that the server has been asked to let come. */
  get #current(): IncomingFile | undefined {
    const { running } = this.#queue;
    return running?.isAsked ? running : undefined;
  }

  #isAboutCurrent(): boolean {
    const sender = this.#current?.offer.sender;
    if (sender === undefined) return false;
    // The text does not name a sender: with other senders' offers open, it can be about any of them.
    return [...this.#offers.values()].every(({ offer }) => offer.sender === sender);
  }

  /** It says neither whose nor which: a single open offer is meant, and of several none is given up for it. */
  #onCancelled(): boolean {
    const [only, ...others] = this.#offers.values();
    if (only === undefined) return false;
    if (others.length === 0 && this.#current === undefined) {
      this.#withdraw(only.offer, senderGone(only.offer));
    }
    return true;
  }

  #expire(offer: PendingOffer): void {
    const text = `${JSON.stringify(offer.name)} was not accepted in time.`;
    this.#withdraw(offer, new FileTransferError('FILE_EXPIRED', text));
    void this.#sayDeclined(offer.id);
  }

  #withdraw(offer: PendingOffer, reason: Error): void {
    this.#forget(offer.id);
    offer.withdraw(reason);
  }

  #forget(id: string): void {
    const open = this.#offers.get(id);
    if (open === undefined) return;
    this.#context.clock.clearTimeout(open.timer);
    this.#offers.delete(id);
  }

  async #sayDeclined(id: string): Promise<void> {
    if (this.#declines >= MAX_DECLINES) return;
    this.#declines++;
    try {
      const answer = await this.#context.ask({ type: 'decline', id });
      // Our server ends a file that comes already; others send it to its end.
      const { running } = this.#queue;
      if (answer.type === 'fileDeclined' && running?.offer.id === id) running.silent();
    } catch {
      // The offer ends with the connection, or expires.
    } finally {
      this.#declines--;
    }
  }
}

/** The ID holds the name, and a 1.x server reads it up to the blank. */
function notAcceptable({ sender }: PendingOffer): FileTransferError {
  return new FileTransferError(
    'FILE_REFUSED',
    `On this server a file cannot be accepted from ${JSON.stringify(sender)}, because its name contains a space. Ask for it to be sent from another name.`,
  );
}

function senderGone({ sender, name }: PendingOffer): ConnectorError {
  return new FileTransferError(
    'FILE_CANCELLED',
    `The offer of ${JSON.stringify(name)} is gone: ${JSON.stringify(sender)} has left or withdrawn it.`,
  );
}
