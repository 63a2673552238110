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

/** How long an offer stands, as its text says. */
const EXPIRY_MS = 5 * 60_000;

/** After an acceptance, as on existing servers. */
const BEGIN_MS = 100;

/** How long the sender may take to begin, as the text says. */
const BEGIN_TIMEOUT_MS = 10 * 60_000;

/** When more of files waits for a recipient, the sender is not read until most of it is taken. */
const MOST_WAITING_BYTES = 256 * 1024;
const FEW_WAITING_BYTES = 64 * 1024;

/** Chunks below that cost as much as texts do: else they would be a way to send as many packets as one likes. */
const SHORT_CHUNK_BYTES = 512;

/** What is offered, by whom and to whom. */
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

/** What its owner hears of a transfer. */
export interface TransferEvents {
  /** The sender has begun to send. */
  started(): void;
  /** Called once, and last. */
  ended(end: TransferEnd): void;
}

/**
 * The life of one offer: from it to its end, through the file packets that are relayed. Both sides are told
 * how it ends, whichever way that is.
 */
export class Transfer {
  readonly offer: Offer;
  readonly #context: TransferContext;
  readonly #events: TransferEvents;
  /** `accepted`: it waits for its turn; `begun`: the sender may start; `running`: it has. */
  #state: 'offered' | 'accepted' | 'begun' | 'running' | 'over' = 'offered';
  #timer: unknown;
  #acceptedAt: number | undefined;
  #sizeBytes: number | undefined;
  #receivedBytes = 0;
  #bytesBeforeStart = 0;
  /** When the sender last sent or the recipient last took something. */
  #activeAt = 0;
  /** Whether the sender is not read at present. */
  #isHeld = false;

  /** Both sides hear of the offer. */
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

  /** What the sender has announced; undefined before that. */
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

  /** By the recipient: it waits for its turn from now on, as long as it takes. */
  accept(): void {
    const { id, sender, recipient } = this.offer;
    this.#state = 'accepted';
    this.#acceptedAt = this.#context.clock.now();
    this.#context.clock.clearTimeout(this.#timer);
    this.#tell(recipient, { type: 'fileAccepted' });
    this.#tell(sender, { type: 'fileAcceptedBy', name: recipient.name, id });
  }

  /** It is its turn. */
  begin(): void {
    const { sender, fileName: file, sha256 } = this.offer;
    this.#state = 'begun';
    this.#after(BEGIN_MS, () => {
      this.#tell(sender, { type: 'beginSend', file, sha256 });
      this.#after(BEGIN_TIMEOUT_MS - BEGIN_MS, () => this.end('timedOut'));
    });
  }

  /**
   * A file packet of the sender, while it is this transfer's turn. False when it is to be charged as a text is:
   * it is not part of the file, or is too small to be worth a packet.
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

  /** Ends without a word. */
  forget(): void {
    this.#state = 'over';
    this.#context.clock.clearTimeout(this.#timer);
    this.#release();
  }

  #start({ size }: FileStart): void {
    const { clock, options } = this.#context;
    // Also when it is no number.
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

  /** Existing servers relay what comes before `FILE_START`, and take `FILE_END` for the end all the same. */
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
    // Whatever it looks like: between start and end all is content.
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

  /** In packets that no client takes for a marker or finds too large; also when it is empty. */
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

  /** Looks again after so long whether anything has moved. */
  #watch(ms: number): void {
    const { clock, options } = this.#context;
    this.#after(ms, () => {
      const leftMs = this.#activeAt + options.current.transferStallTimeout * 1000 - clock.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.end(this.#isHeld ? 'recipientStalled' : 'senderStalled');
    });
  }

  /** There is one timer at a time. */
  #after(ms: number, callback: () => void): void {
    const { clock } = this.#context;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(callback, ms);
  }

  #tell(user: User, message: ServerMessage): void {
    this.#context.broadcaster.tell([user], message);
  }
}
