import { writeDeadLetters, type DeadReason } from './deadLetters.js';
import type { MessageStore, PendingMessage } from './messageStore.js';
import { Outbox, type Delivery, type OutboxLimits } from './outbox.js';

/** The outcomes of deliveries so far. */
export interface DeliveryCounts {
  delivered: number;
  dead: number;
  failedAttempts: number;
}

export interface OutboxesOptions {
  readonly store: Pick<MessageStore, 'update' | 'remove'>;
  /** The file for messages that were given up. */
  readonly deadLetters: string;
  readonly maxAgeMs: number;
  /** The limits of a place. Default: those of `Outbox`. */
  readonly limits?: (to: string) => OutboxLimits;
  /** Sends a text; rejects when nothing of it has left. */
  readonly send: (to: string, text: string) => Promise<Delivery>;
  /** Whether messages can be sent there now; `retry` is to be called when they can again. */
  readonly canSend: (to: string) => boolean;
  /** Lines for the operator, without texts of messages. */
  readonly log: (line: string) => void;
}

/** The outboxes of all places. */
export class Outboxes {
  readonly counts: DeliveryCounts = { delivered: 0, dead: 0, failedAttempts: 0 };
  readonly #options: OutboxesOptions;
  readonly #byPlace = new Map<string, Outbox>();
  #isStarted = false;

  constructor(options: OutboxesOptions) {
    this.#options = options;
  }

  /** Messages that wait. */
  get pending(): number {
    let pending = 0;
    for (const { waiting } of this.#byPlace.values()) pending += waiting.length;
    return pending;
  }

  /** Seconds since the oldest waiting message was accepted; 0 without one. */
  get oldestSeconds(): number {
    const times = [...this.#byPlace.values()].flatMap(({ waiting }) => waiting[0]?.acceptedAt ?? []);
    return times.length === 0 ? 0 : Math.max(0, (Date.now() - Math.min(...times)) / 1000);
  }

  /** Adds a message that is in the store. */
  add(message: PendingMessage): void {
    this.#outboxOf(message.to).add(message);
  }

  /** Begins to deliver. */
  start(): void {
    this.#isStarted = true;
    for (const outbox of this.#byPlace.values()) outbox.start();
  }

  /** Tries again at once, to one place or to all. */
  retry(to?: string): void {
    if (to !== undefined) this.#byPlace.get(to)?.retry();
    else for (const outbox of this.#byPlace.values()) outbox.retry();
  }

  /** Ends deliveries; what has no outcome is in doubt at the next start. */
  async stop(): Promise<void> {
    await Promise.all([...this.#byPlace.values()].map((outbox) => outbox.stop()));
  }

  #outboxOf(to: string): Outbox {
    const known = this.#byPlace.get(to);
    if (known !== undefined) return known;
    const { store, maxAgeMs, limits, canSend, send, log } = this.#options;
    const outbox = new Outbox(to, {
      send,
      canSend,
      maxAgeMs,
      ...limits?.(to),
      update: (messages) => store.update(messages),
      delivered: async (messages) => {
        await store.remove(messages);
        this.counts.delivered += messages.length;
      },
      giveUp: (messages, reason) => this.#giveUp(messages, reason),
      failed: (place, why) => {
        this.counts.failedAttempts++;
        log(`${place}: not delivered, will be tried again: ${why}`);
      },
      now: () => Date.now(),
    });
    this.#byPlace.set(to, outbox);
    if (this.#isStarted) outbox.start();
    return outbox;
  }

  async #giveUp(messages: readonly PendingMessage[], reason: DeadReason): Promise<void> {
    const { store, deadLetters, log } = this.#options;
    await writeDeadLetters(deadLetters, messages, reason);
    await store.remove(messages);
    this.counts.dead += messages.length;
    log(`${messages.length} messages to ${messages[0]?.to} were given up: ${reason}`);
  }
}
