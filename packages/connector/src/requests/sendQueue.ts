import type { Outcome } from './replyMatcher.js';
import type { Clock } from '../time/clock.js';
import type { RequestTracker, Draft } from './requestTracker.js';
import { ConnectorError } from '../errors.js';

/** Something to be sent, and who is told what became of it: one of the two is called, once, unless it is withdrawn. */
export interface Item {
  readonly draft: Draft;
  /** It has left. */
  readonly sent: (outcome: Outcome) => void;
  /** It has not left and never will. */
  failed(error: unknown): void;
}

/** What the queue needs of what is said on a connection. */
export type Line = Pick<
  RequestTracker,
  'isOpen' | 'isReady' | 'prepare' | 'transmit' | 'queuedBytes' | 'untaken'
>;

export interface SendQueueLimits {
  readonly maxBytes: number;
  readonly maxMessages: number;
  /** How long something may wait before it leaves. */
  readonly maxAgeMs: number;
}

/** What waits in an queue. */
export interface Queued {
  readonly item: Item;
  readonly bytes: number;
  readonly queuedAt: number;
  /** It was withdrawn or refused, and takes no room any more. */
  isGone: boolean;
}

/** What a packet takes beside its text, and what it is rounded up to. */
const PACKET_BYTES = 31;
const CELL_BYTES = 512;

/** So many places of what is gone may be left in the queue. */
const MAX_GONE = 1024;

const NOTHING: readonly Queued[] = [];

/** So much is handed to a connection ahead of the network; the rest waits here, where it can still be withdrawn. */
const AHEAD_BYTES = 256 * 1024;

/**
 * What waits to be sent, in the order of the calls. It outlives a connection: without a line it holds what it
 * has, until there is one again or it is closed.
 */
export class SendQueue {
  readonly #clock: Clock;
  readonly #limits: SendQueueLimits;
  #queue: (Queued | undefined)[] = [];
  /** Those before it in the queue have left. */
  #head = 0;
  #bytes = 0;
  #messages = 0;
  #line: Line | undefined;
  #isPumping = false;
  #timer: unknown;
  #whenFlushed: (() => void)[] = [];

  constructor(clock: Clock, limits: SendQueueLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Bytes of packets that wait here, or for TLS to take them. */
  get bytes(): number {
    return this.#bytes + (this.#line?.queuedBytes ?? 0);
  }

  /** Messages that wait here, or for TLS to take them. */
  get messages(): number {
    return this.#messages + (this.#line?.untaken ?? 0);
  }

  get isFull(): boolean {
    return this.bytes >= this.#limits.maxBytes || this.messages >= this.#limits.maxMessages;
  }

  /**
   * Sends the items, one after another and nothing in between, as soon as can be: all of them, or none.
   *
   * @throws ConnectorError `QUEUE_FULL`
   */
  add(items: readonly Item[]): readonly Queued[] {
    if (this.isFull || this.messages + items.length > this.#limits.maxMessages) throw queueFull(this.#limits);
    const waiting = items.slice(this.#sendAtOnce(items));
    if (waiting.length === 0) {
      if (this.#messages > 0) this.pump();
      return NOTHING;
    }
    const queuedAt = this.#clock.now();
    const queued = waiting.map((item) => ({ item, bytes: packetBytes(item.draft), queuedAt, isGone: false }));
    this.#queue.push(...queued);
    for (const { bytes } of queued) this.#bytes += bytes;
    this.#messages += queued.length;
    this.pump();
    this.#arm();
    return queued;
  }

  /** Takes back what has not left. */
  withdraw(items: readonly Queued[]): void {
    for (const queued of items) if (!queued.isGone) this.#take(queued);
    // What is gone must not be held by what waits before it.
    if (this.#queue.length > MAX_GONE && this.#queue.length > 2 * this.#messages) this.#compact();
    this.pump();
  }

  /** Begins to send on a line. */
  open(line: Line): void {
    this.#line = line;
    this.pump();
  }

  /** There is no line any more. */
  suspend(): void {
    this.#line = undefined;
    if (this.messages === 0) this.#tellFlushed();
  }

  /** To be called when the line may be able to take more. */
  pump(): void {
    // What is told to callers may call again.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let first = this.#first(); first && this.#line; first = this.#first()) {
        if (this.#isToGo(this.#line, first.item.draft)) {
          this.#take(first);
          transmit(this.#line, first.item);
        } else if (!first.isGone) {
          break;
        }
      }
    } finally {
      this.#isPumping = false;
    }
    if (this.#messages === 0) this.#settle();
    if (this.messages === 0 && this.#whenFlushed.length > 0) this.#tellFlushed();
  }

  /** Refuses what has waited since `queuedBefore` and still cannot go, up to the first that can. */
  refuseBlocked(queuedBefore: number, error: ConnectorError): void {
    for (let first = this.#first(); first; first = this.#first()) {
      if (first.queuedAt > queuedBefore || this.#line?.isReady(first.item.draft) !== false) break;
      this.#refuse(first, error);
    }
    this.pump();
  }

  /** Refuses all that waits. */
  close(error: ConnectorError): void {
    // Not what is added when callers are told.
    for (const queued of this.#queue.slice(this.#head))
      if (queued?.isGone === false) this.#refuse(queued, error);
    this.pump();
  }

  /** Resolves when nothing waits any more: TLS has taken all, or what it has not was refused. */
  whenFlushed(): Promise<void> {
    if (this.messages === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#whenFlushed.push(resolve));
  }

  /** Where nothing waits, what can go need not be queued. Returns how many have gone. */
  #sendAtOnce(items: readonly Item[]): number {
    const line = this.#line;
    if (line === undefined || this.#messages > 0 || this.#isPumping) return 0;
    this.#isPumping = true;
    let sent = 0;
    try {
      for (const item of items) {
        if (!this.#isToGo(line, item.draft)) break;
        transmit(line, item);
        sent++;
      }
    } finally {
      this.#isPumping = false;
    }
    return sent;
  }

  #isToGo(line: Line, draft: Draft): boolean {
    if (!line.isOpen || line.queuedBytes > AHEAD_BYTES) return false;
    if (line.isReady(draft)) return true;
    line.prepare(draft);
    return false;
  }

  #compact(): void {
    this.#queue = this.#queue.filter((queued) => queued?.isGone === false);
    this.#head = 0;
  }

  #first(): Queued | undefined {
    for (let first = this.#queue[this.#head]; first?.isGone === true; first = this.#queue[this.#head]) {
      this.#queue[this.#head] = undefined;
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return this.#queue[this.#head];
  }

  #take(queued: Queued): void {
    queued.isGone = true;
    this.#bytes -= queued.bytes;
    this.#messages--;
  }

  #refuse(queued: Queued, error: ConnectorError): void {
    this.#take(queued);
    queued.item.failed(error);
  }

  /** Nothing waits here any more. */
  #settle(): void {
    this.#queue.length = 0;
    this.#head = 0;
    if (this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellFlushed(): void {
    const callbacks = this.#whenFlushed;
    this.#whenFlushed = [];
    for (const callback of callbacks) callback();
  }

  #arm(): void {
    const first = this.#first();
    if (first === undefined || this.#timer !== undefined) return;
    const dueMs = first.queuedAt + this.#limits.maxAgeMs - this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#expire(), Math.max(0, dueMs));
  }

  #expire(): void {
    this.#timer = undefined;
    const oldest = this.#clock.now() - this.#limits.maxAgeMs;
    for (let first = this.#first(); first && first.queuedAt <= oldest; first = this.#first()) {
      this.#refuse(first, expired(this.#limits));
    }
    this.pump();
    this.#arm();
  }
}

function transmit(line: Line, item: Item): void {
  try {
    line.transmit(item.draft, item.sent);
  } catch (error) {
    item.failed(error);
  }
}

function packetBytes(draft: Draft): number {
  const room = draft.type === 'chat' ? (draft.room ?? '') : '';
  const bytes = Buffer.byteLength(draft.type === 'members' ? draft.place : draft.text + room);
  return Math.ceil((PACKET_BYTES + bytes) / CELL_BYTES) * CELL_BYTES;
}

function queueFull({ maxBytes, maxMessages }: SendQueueLimits): ConnectorError {
  return new ConnectorError(
    'QUEUE_FULL',
    `${maxMessages} messages or ${maxBytes} bytes wait to be sent; this one was not queued. Await your sends or flush(), or raise maxQueuedMessages or maxQueuedBytes.`,
  );
}

function expired({ maxAgeMs }: SendQueueLimits): ConnectorError {
  return new ConnectorError(
    'QUEUE_EXPIRED',
    `This message has waited for over ${maxAgeMs / 1000} s and was not sent. Send it again if it still matters, or raise maxQueuedSeconds.`,
  );
}
