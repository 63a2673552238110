import { FILE_END_PACKET, formatFileStart, type ServerMessage } from '@quietroom/protocol';
import { FileTransferError } from '../../errors.js';
import { ChunkSender, type Pace } from './chunkSender.js';
import type { TransferContext } from './transferContext.js';
import type { OpenedSource } from '../source/fileSource.js';
import { Latch } from '../../time/latch.js';
import type { ProgressFeed } from './progress.js';

/** What is offered to whom. */
export interface Offering {
  readonly recipient: string;
  /** Safe to be sent. */
  readonly name: string;
  readonly source: OpenedSource;
}

/** Servers forget an offer that nobody has accepted after 5 minutes; they tell so a little later than that. */
const EXPIRY_MS = 310_000;

/** One server begins 0.1 s after the acceptance, another when the recipient is done with another file. */
const BEGIN_MS = 660_000;

/** What has gone out may wait for a slow recipient until the server's own limit of 10 minutes ends it. */
const END_MS = 660_000;

/** Why our server cancels what goes beyond its limit. */
const TOO_LARGE = 'the file is larger than this server allows';

/** How long an acceptance and what follows it may lie apart when the transfer is to be ended between them. */
const BETWEEN_MS = 1000;

/**
 * One file on its way out, from the offer to the server's word that all is through. However it ends, the server
 * is left without an open offer or a transfer that waits for more.
 */
export class OutgoingFile {
  readonly #line: TransferContext;
  readonly offering: Offering;
  readonly #pace: () => Promise<Pace>;
  readonly #progress: ProgressFeed;
  readonly #stop = new AbortController();
  readonly #gone = new AbortController();
  #id: string | undefined;
  #hasStarted = false;
  /** It is over for the server: there is nothing to take back. */
  #isSettled = false;
  readonly #offered = new Latch();
  readonly #accepted = new Latch();
  readonly #begun = new Latch();
  readonly #through = new Latch();

  constructor(line: TransferContext, offering: Offering, pace: () => Promise<Pace>, progress: ProgressFeed) {
    this.#line = line;
    this.offering = offering;
    this.#pace = pace;
    this.#progress = progress;
  }

  /** Ends it, wherever it is, for this reason. */
  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  /** The connection is gone. */
  lost(reason: Error): void {
    this.#isSettled = true;
    this.#gone.abort(reason);
    this.#stop.abort(reason);
  }

  /**
   * Offers it, sends it when it is accepted, and waits until the server has passed it on. Resolves with the
   * milliseconds that the bytes took. When it fails, it is to be taken back.
   *
   * @throws FileTransferError; the reason of `stop` or `lost`; why nothing can be sent
   */
  async send(): Promise<number> {
    await this.#offer();
    await this.#beAccepted();
    const startedAt = this.#line.clock.now();
    await this.#transfer();
    return this.#line.clock.now() - startedAt;
  }

  /**
   * Withdraws an offer; ends a transfer, so that the recipient sees at once that it is not whole. Resolves when the
   * server is done with it, or does not say so. Never rejects.
   */
  async takeBack(): Promise<void> {
    if (this.#isSettled) return;
    const { clock, answerTimeoutMs } = this.#line;
    const gone = this.#gone.signal;
    try {
      if (this.#id === undefined && !(await this.#offered.within(answerTimeoutMs, clock, gone))) return;
      if (!this.#accepted.isReached) {
        if (this.#id !== undefined) await this.#line.ask({ type: 'decline', id: this.#id });
        return;
      }
      if (!this.#hasStarted) await this.#begun.within(BETWEEN_MS, clock, gone);
      this.#end();
      await this.#through.within(answerTimeoutMs, clock, gone);
    } catch {
      // What cannot be said any more ends with the connection, or with the server's own time limits.
    }
  }

  /** Takes a message that is about it; false for any other. */
  onMessage(message: ServerMessage): boolean {
    const { recipient, source } = this.offering;
    switch (message.type) {
      case 'fileOffered':
        if (this.#id !== undefined || message.name !== recipient) return false;
        this.#id = message.id;
        this.#offered.reach();
        return true;
      case 'fileAcceptedBy':
        if (message.id !== this.#id) return false;
        this.#accepted.reach();
        return true;
      case 'beginSend':
        // It comes without an ID. One for a file that is not on offer is never obeyed, nor is one that comes again.
        if (this.#id === undefined || message.sha256.toLowerCase() !== source.sha256) return false;
        this.#accepted.reach();
        this.#begun.reach();
        return true;
      case 'fileDeclinedBy':
        if (message.id !== this.#id) return false;
        this.#settle('FILE_DECLINED', `${this.#recipient} declined ${this.#name}.`);
        return true;
      case 'fileExpired':
        if (this.#id === undefined || this.#accepted.isReached) return false;
        this.#settle('FILE_EXPIRED', `${this.#recipient} did not accept ${this.#name} in time.`);
        return true;
      case 'transferCancelled':
        if (message.id !== this.#id) return false;
        this.#cancelled(message.text);
        return true;
      case 'fileCancelled':
        // That one is for recipients.
        if (this.#id === undefined || message.text === 'sender disconnected') return false;
        this.#cancelled(message.text);
        return true;
      case 'fileSendTimedOut':
        if (this.#id === undefined) return false;
        this.#settle(
          'FILE_TIMED_OUT',
          `${this.#name} was not through within the time that the server allows.`,
        );
        return true;
      case 'fileSent':
        if (!this.#hasStarted) return false;
        this.#isSettled = true;
        this.#through.reach();
        return true;
      default:
        return false;
    }
  }

  get #recipient(): string {
    return JSON.stringify(this.offering.recipient);
  }

  get #name(): string {
    return JSON.stringify(this.offering.name);
  }

  #cancelled(why: string): void {
    if (why === TOO_LARGE) {
      this.#settle('FILE_TOO_LARGE', `${this.#name} is larger than this server allows. Send it in parts.`);
      return;
    }
    this.#settle('FILE_CANCELLED', `The transfer of ${this.#name} was cancelled: ${JSON.stringify(why)}.`);
  }

  /** The server has ended it. */
  #settle(
    code: 'FILE_TOO_LARGE' | 'FILE_DECLINED' | 'FILE_EXPIRED' | 'FILE_CANCELLED' | 'FILE_TIMED_OUT',
    message: string,
  ): void {
    this.#isSettled = true;
    this.#stop.abort(new FileTransferError(code, message));
  }

  async #offer(): Promise<void> {
    const { recipient: user, name, source } = this.offering;
    const { signal } = this.#stop;
    // An answer that nobody waits for any more can still come, after a stop: only then there is an offer.
    const settle = (): void => void (this.#isSettled ||= !signal.aborted);
    const asked = this.#line.ask({ type: 'file', user, name, sha256: source.sha256 }, signal);
    const answer = await asked.catch((error: unknown) => {
      settle();
      throw error;
    });
    if (answer.type === 'fileOffered') return;
    settle();
    if (answer.type === 'refusal' && answer.reason === 'recipientOffline') {
      throw new FileTransferError(
        'FILE_OFFLINE',
        `${this.#recipient} is not online: ${this.#name} was not offered.`,
      );
    }
    const isToSelf = answer.type === 'refusal' && answer.reason === 'fileToSelf';
    throw new FileTransferError(
      'FILE_REFUSED',
      `The server does not take the offer of ${this.#name}: ${
        isToSelf ? 'files cannot be sent to oneself' : 'its reason came to onSystemMessage just before'
      }.`,
    );
  }

  async #beAccepted(): Promise<void> {
    const { clock } = this.#line;
    const { signal } = this.#stop;
    this.#progress.enter('offered');
    if (!(await this.#accepted.within(EXPIRY_MS, clock, signal))) {
      throw new FileTransferError(
        'FILE_EXPIRED',
        `${this.#recipient} did not accept ${this.#name} in time, and the server did not say so.`,
      );
    }
    if (!(await this.#begun.within(BEGIN_MS, clock, signal))) {
      throw new FileTransferError(
        'FILE_TIMED_OUT',
        `${this.#recipient} accepted ${this.#name}, but the server does not let it begin.`,
      );
    }
  }

  async #transfer(): Promise<void> {
    const { name, source } = this.offering;
    const { signal } = this.#stop;
    const sender = new ChunkSender(this.#line, signal);
    const pace = await this.#pace();
    signal.throwIfAborted();
    this.#progress.enter('transferring');
    sender.send(formatFileStart({ name, size: source.size, sha256: undefined }));
    this.#hasStarted = true;
    await sender.pause(pace);
    let bytes = 0;
    for await (const part of source.read()) {
      signal.throwIfAborted();
      await sender.sendContent(part, pace, (count) => {
        bytes += count;
        this.#progress.advance(bytes);
      });
    }
    sender.send(FILE_END_PACKET);
    if (await this.#through.within(END_MS, this.#line.clock, signal)) return;
    throw new FileTransferError(
      'FILE_TIMED_OUT',
      `All of ${this.#name} went out, but the server has not said that it is through.`,
    );
  }

  #end(): void {
    const { name, source } = this.offering;
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#line.sendPacket(formatFileStart({ name, size: source.size, sha256: undefined }), nothing);
    }
    this.#line.sendPacket(FILE_END_PACKET, nothing);
  }
}

function nothing(): void {}
