import {
  chunkLength,
  FILE_END_PACKET,
  formatFileStart,
  isFileEnd,
  parseFileStart,
  type FileStart,
  type ServerMessage,
} from '@quietroom/protocol';
import type { Broadcaster } from '../users/broadcaster.js';
import type { Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { TransferEnd } from '../observe/reasons.js';
import { endTexts } from './transferOutcome.js';
import type { User } from '../users/user.js';

/** How long an offer is valid, as its text says. */
const EXPIRY_MS = 5 * 60_000;

/** The pause between acceptance and `BEGIN_SEND`, as on existing servers. */
const BEGIN_MS = 100;

/** How long the sender may take to begin, as the text says. */
const BEGIN_TIMEOUT_MS = 10 * 60_000;

/** Bytes queued for a recipient above which the sender is not read, and below which it is read again. */
const MOST_WAITING_BYTES = 256 * 1024;
const FEW_WAITING_BYTES = 64 * 1024;

/** Smaller chunks are charged like texts; otherwise they would evade the rate limit. */
const SHORT_CHUNK_BYTES = 512;

/** An offer of a file. */
export interface Offer {
  readonly id: string;
  readonly sender: User;
  readonly recipient: User;
  /** As from `offeredName`. */
  readonly fileName: string;
  /** As the sender wrote it. */
  readonly sha256: string;
}

export interface TransferContext {
  readonly clock: Clock;
  readonly options: CurrentOptions;
  readonly broadcaster: Broadcaster;
  readonly counters: Counters;
}

/** The events of a transfer. */
export interface TransferEvents {
  /** The sender has begun to send. */
  started(): void;
  /** Called once, and last. */
  ended(end: TransferEnd): void;
}

/**
 * One offer and its transfer: relays the file packets, and notifies both sides of the outcome.
 */
export class Transfer {
  readonly offer: Offer;
  readonly #context: TransferContext;
  readonly #events: TransferEvents;
  /** `accepted`: waiting for its turn; `begun`: the sender may start; `running`: the sender has started. */
  #state: 'offered' | 'accepted' | 'begun' | 'running' | 'over' = 'offered';
  #timer: unknown;
  #acceptedAt: number | undefined;
  #sizeBytes: number | undefined;
  #receivedBytes = 0;
  #bytesBeforeStart = 0;
  /** When bytes were last received from the sender or accepted by the recipient's network. */
  #activeAt = 0;
  /** Whether reading from the sender is paused. */
  #isHeld = false;

  /** Notifies both sides of the offer. */
  constructor(offer: Offer, context: TransferContext, events: TransferEvents) {
    this.offer = offer;
    this.#context = context;
    this.#events = events;
    const { id, sender, recipient, fileName: file, sha256 } = offer;
    this.#tell(sender, { type: 'fileOffered', name: recipient.name, id });
    this.#tell(recipient, { type: 'fileOffer', name: sender.name, file, sha256, id });
    this.#after(EXPIRY_MS, () => this.end('expired'));
  }

  get isOffered(): boolean {
    return this.#state === 'offered';
  }

  /** As announced by the sender; undefined before that. */
  get sizeBytes(): number | undefined {
    return this.#sizeBytes;
  }

  /** Bytes of the file that were relayed so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Since it was accepted; undefined if it was not. */
  get seconds(): number | undefined {
    return this.#acceptedAt === undefined ? undefined : (this.#context.clock.now() - this.#acceptedAt) / 1000;
  }

  /** The recipient accepts: the transfer now waits for its turn, without a time limit. */
  accept(): void {
    const { id, sender, recipient } = this.offer;
    this.#state = 'accepted';
    this.#acceptedAt = this.#context.clock.now();
    this.#context.clock.clearTimeout(this.#timer);
    this.#tell(recipient, { type: 'fileAccepted' });
    this.#tell(sender, { type: 'fileAcceptedBy', name: recipient.name, id });
  }

  /** To be called when it is the transfer's turn. */
  begin(): void {
    const { sender, fileName: file, sha256 } = this.offer;
    this.#state = 'begun';
    this.#after(BEGIN_MS, () => {
      this.#tell(sender, { type: 'beginSend', file, sha256 });
      this.#after(BEGIN_TIMEOUT_MS - BEGIN_MS, () => this.end('timedOut'));
    });
  }

  /**
   * Handles a file packet of the sender while it is this transfer's turn. False when it must be charged like a text: it
   * is not part of the file, or is too small.
   */
  receive(packet: Uint8Array): boolean {
    if (this.#state === 'running') return this.#receiveNext(packet, this.#sizeBytes ?? 0);
    const start = parseFileStart(packet);
    if (start === undefined) {
      this.#receiveBeforeStart(packet);
      return false;
    }
    // Existing servers ignore a start of more than three parts.
    if (start.sha256 !== undefined || start.name.includes('|')) return false;
    this.#start(start);
    return true;
  }

  end(end: TransferEnd): void {
    if (this.#state === 'over') return;
    const { id, sender, recipient } = this.offer;
    this.forget();
    const texts = endTexts(end, id, recipient.name);
    if (texts.sender) this.#tell(sender, texts.sender);
    if (texts.recipient) this.#tell(recipient, texts.recipient);
    this.#events.ended(end);
  }

  /** Ends without notifying anyone. */
  forget(): void {
    this.#state = 'over';
    this.#context.clock.clearTimeout(this.#timer);
    this.#release();
  }

  #start({ size }: FileStart): void {
    const { clock, options } = this.#context;
    // Also true for NaN.
    if (!(size > 0)) return this.end('sizeInvalid');
    if (size > options.current.maxFileBytes) return this.end('tooLarge');
    const { fileName: name, sha256 } = this.offer;
    this.#state = 'running';
    this.#sizeBytes = size;
    this.#activeAt = clock.now();
    this.#watch(options.current.transferStallTimeout * 1000);
    this.#relay(formatFileStart({ name, size, sha256 }));
    this.#events.started();
  }

  /** Existing servers relay what comes before `FILE_START`, and accept `FILE_END` without it. */
  #receiveBeforeStart(packet: Uint8Array): void {
    if (isFileEnd(packet, false)) return this.#complete();
    this.#bytesBeforeStart += packet.length;
    if (this.#bytesBeforeStart > this.#context.options.current.maxFileBytes) return this.end('tooLarge');
    this.#relayContent(packet);
  }

  #receiveNext(packet: Uint8Array, sizeBytes: number): boolean {
    if (isFileEnd(packet, this.#receivedBytes === sizeBytes)) {
      this.#complete();
      return true;
    }
    // Between start and end everything is content, even if it looks like a marker.
    const bytes = packet.length;
    if (this.#receivedBytes + bytes > sizeBytes) {
      this.end('tooMuch');
      return false;
    }
    this.#receivedBytes += bytes;
    this.#context.counters.fileBytes += bytes;
    this.#activeAt = this.#context.clock.now();
    this.#relayContent(packet);
    return bytes >= SHORT_CHUNK_BYTES;
  }

  #complete(): void {
    this.#relay(FILE_END_PACKET);
    this.end('completed');
  }

  /** In packets that no client mistakes for a marker or finds too large; also when empty. */
  #relayContent(packet: Uint8Array): void {
    let rest = packet;
    do {
      const length = chunkLength(rest);
      this.#relay(length === rest.length ? rest : rest.subarray(0, length));
      rest = rest.subarray(length);
    } while (rest.length > 0);
  }

  #relay(packet: Uint8Array): void {
    const { sender, recipient } = this.offer;
    recipient.sendFile(packet, this.#taken);
    if (this.#isHeld || recipient.fileBytesWaiting <= MOST_WAITING_BYTES) return;
    this.#isHeld = true;
    sender.holdReading();
  }

  readonly #taken = (): void => {
    if (this.#state === 'over') return;
    this.#activeAt = this.#context.clock.now();
    if (this.offer.recipient.fileBytesWaiting <= FEW_WAITING_BYTES) this.#release();
  };

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.offer.sender.releaseReading();
  }

  /** Ends a stalled transfer. */
  #watch(ms: number): void {
    const { clock, options } = this.#context;
    this.#after(ms, () => {
      const leftMs = this.#activeAt + options.current.transferStallTimeout * 1000 - clock.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.end(this.#isHeld ? 'recipientStalled' : 'senderStalled');
    });
  }

  /** Replaces the timer. */
  #after(ms: number, callback: () => void): void {
    const { clock } = this.#context;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(callback, ms);
  }

  #tell(user: User, message: ServerMessage): void {
    this.#context.broadcaster.tell([user], message);
  }
}
