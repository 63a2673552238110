import type { Clock } from '../time/clock.js';
import { ConnectorError } from '../errors.js';
import type { PendingRequest } from './pendingRequest.js';

/** An open connection, to which a queue sends its requests. */
export interface RequestSink {
  /**
   * Sends the request if it can go now, and returns whether it did. When that may have changed, the sink calls
   * the queue's `pump`.
   *
   * @throws why the request can never be sent
   */
  offer(request: PendingRequest): boolean;
}

export interface SendQueueLimits {
  readonly maxBytes: number;
  readonly maxMessages: number;
  /** How long a request may wait before it is sent. */
  readonly maxAgeMs: number;
}

/** The most removed entries before compaction. */
const MAX_REMOVED = 1024;

/**
 * Requests that wait to be sent, in the order of the calls. It outlives a connection: without a sink it keeps its
 * requests until there is one again, or until it is closed.
 */
export class SendQueue {
  readonly #clock: Clock;
  readonly #limits: SendQueueLimits;
  #queue: (PendingRequest | undefined)[] = [];
  /** Those before it in the queue were sent. */
  #head = 0;
  readonly #queued = { messages: 0, bytes: 0 };
  /** Sent to the sink, and not taken by TLS yet. */
  readonly #untaken = { messages: 0, bytes: 0 };
  #sink: RequestSink | undefined;
  #isPumping = false;
  #timer: unknown;
  #whenFlushed: (() => void)[] = [];

  constructor(clock: Clock, limits: SendQueueLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Bytes of packets that TLS has not taken yet. */
  get bytes(): number {
    return this.#queued.bytes + this.#untaken.bytes;
  }

  /** Messages that TLS has not taken yet. */
  get messages(): number {
    return this.#queued.messages + this.#untaken.messages;
  }

  get isFull(): boolean {
    return this.bytes >= this.#limits.maxBytes || this.messages >= this.#limits.maxMessages;
  }

  /**
   * Sends the requests as soon as possible, one after another and with nothing in between: all of them, or none.
   *
   * @throws ConnectorError `QUEUE_FULL`
   */
  add(requests: readonly PendingRequest[]): void {
    if (this.isFull || this.messages + requests.length > this.#limits.maxMessages) {
      throw queueFull(this.#limits);
    }
    const queuedAt = this.#clock.now();
    for (const request of requests) {
      request.queuedAt = queuedAt;
      request.isQueued = true;
      this.#queued.messages++;
      this.#queued.bytes += request.bytes;
      this.#queue.push(request);
    }
    this.pump();
    this.#arm();
  }

  /** Takes back those that were not sent. */
  withdraw(requests: readonly PendingRequest[]): void {
    for (const request of requests) if (request.isQueued) this.#leave(request);
    // Removed entries behind waiting ones must not stay in memory.
    if (this.#queue.length > MAX_REMOVED && this.#queue.length > 2 * this.#queued.messages) this.#compact();
    this.pump();
  }

  /** Starts to send to a sink. */
  open(sink: RequestSink): void {
    this.#sink = sink;
    this.pump();
  }

  /** The sink's connection is closed. */
  suspend(): void {
    this.#sink = undefined;
    this.#untaken.messages = 0;
    this.#untaken.bytes = 0;
    this.#settleIfEmpty();
  }

  /** TLS has accepted this many requests and bytes from `offer`. */
  onTaken(messages: number, bytes: number): void {
    this.#untaken.messages -= messages;
    this.#untaken.bytes -= bytes;
    this.pump();
  }

  /** Sends what can be sent. */
  pump(): void {
    // A request that fails can make its caller send the next.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let first = this.#first(); first && this.#sink; first = this.#first()) {
      if (!this.#send(first, this.#sink)) break;
    }
    this.#isPumping = false;
    this.#settleIfEmpty();
  }

  /** Refuses everything that waits. */
  close(error: ConnectorError): void {
    // Not what callers add when they are told.
    for (const request of this.#queue.slice(this.#head)) if (request?.isQueued) this.#refuse(request, error);
    this.pump();
  }

  /** Resolves when nothing waits any more: everything was taken by TLS, or refused. */
  whenFlushed(): Promise<void> {
    if (this.messages === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#whenFlushed.push(resolve));
  }

  /** Offers a request to the sink. False: it has to wait. */
  #send(request: PendingRequest, sink: RequestSink): boolean {
    let isSent;
    try {
      isSent = sink.offer(request);
    } catch (error) {
      if (request.isQueued) this.#refuse(request, error);
      return true;
    }
    // An offer can end the connection, and with it the wait of the request.
    if (!request.isQueued) return true;
    if (!isSent) return false;
    this.#leave(request);
    this.#untaken.messages++;
    this.#untaken.bytes += request.bytes;
    return true;
  }

  #leave(request: PendingRequest): void {
    request.isQueued = false;
    this.#queued.messages--;
    this.#queued.bytes -= request.bytes;
  }

  #refuse(request: PendingRequest, error: unknown): void {
    this.#leave(request);
    request.fail(error);
  }

  #compact(): void {
    this.#queue = this.#queue.filter((request) => request?.isQueued);
    this.#head = 0;
  }

  #first(): PendingRequest | undefined {
    for (let first = this.#queue[this.#head]; first?.isQueued === false; first = this.#queue[this.#head]) {
      this.#queue[this.#head] = undefined;
      this.#head++;
    }
    if (this.#head > MAX_REMOVED && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return this.#queue[this.#head];
  }

  #settleIfEmpty(): void {
    if (this.#queued.messages > 0) return;
    if (this.#queue.length > 0) {
      this.#queue.length = 0;
      this.#head = 0;
    }
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.messages > 0 || this.#whenFlushed.length === 0) return;
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

function queueFull({ maxBytes, maxMessages }: SendQueueLimits): ConnectorError {
  return new ConnectorError(
    'QUEUE_FULL',
    `${maxMessages} messages or ${maxBytes} bytes wait to be sent; this one was not queued. Await your sends or flush(), or raise maxQueuedMessages or maxQueuedBytes.`,
    { limit: maxMessages },
  );
}

function expired({ maxAgeMs }: SendQueueLimits): ConnectorError {
  const seconds = maxAgeMs / 1000;
  return new ConnectorError(
    'QUEUE_EXPIRED',
    `This message waited for more than ${seconds} s and was not sent. Send it again if it still matters, or raise maxQueuedSeconds.`,
    { option: 'maxQueuedSeconds', seconds },
  );
}
