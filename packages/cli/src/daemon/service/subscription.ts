import { METHOD_PREFIX, notificationLine } from '../../rpc/jsonRpc.js';
import type { DaemonEvent, EventType } from '../protocol/events.js';

/** The part of a connection that a subscription writes to. */
export interface EventSink {
  /** Bytes that the client has not read. */
  readonly queuedBytes: number;
  write(line: string): void;
}

export interface SubscriptionOptions {
  /** The number of the client. */
  readonly client: number;
  /** Undefined: all. */
  readonly types: ReadonlySet<EventType> | undefined;
  readonly hasOwn: boolean;
  readonly hasFiles: boolean;
  /** At least 64 KiB: a socket with less in its queue does not report that it has drained. */
  readonly maxQueuedBytes: number;
}

/** Sends events to a client. A client that reads too slowly loses events, and is told how many. */
export class Subscription {
  readonly #sink: EventSink;
  readonly #options: SubscriptionOptions;
  #lost: { count: number; readonly from: number; to: number } | undefined;

  constructor(sink: EventSink, options: SubscriptionOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  get hasFiles(): boolean {
    return this.#options.hasFiles;
  }

  /** @param line the event as `eventLine` formats it, once for all clients */
  send(event: DaemonEvent, line: string): void {
    if (!this.#takes(event)) return;
    const { queuedBytes } = this.#sink;
    const isFull = queuedBytes > 0 && queuedBytes + line.length > this.#options.maxQueuedBytes;
    if (this.#lost) {
      this.#lost.count++;
      this.#lost.to = event.seq;
    } else if (isFull) {
      this.#lost = { count: 1, from: event.seq, to: event.seq };
    } else {
      this.#sink.write(line);
    }
  }

  /** The client has read everything. */
  drained(): void {
    if (this.#lost === undefined) return;
    this.#sink.write(notificationLine(`${METHOD_PREFIX}lost`, this.#lost));
    this.#lost = undefined;
  }

  #takes(event: DaemonEvent): boolean {
    const { client, types, hasOwn, hasFiles } = this.#options;
    if (types?.has(event.type) === false) return false;
    if (event.type === 'sent') return hasOwn && event.client !== client;
    return event.type !== 'fileOffer' || hasFiles;
  }
}

export function eventLine(event: DaemonEvent): string {
  return notificationLine(`${METHOD_PREFIX}event`, event);
}
