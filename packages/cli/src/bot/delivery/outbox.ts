import { ConnectorError } from 'quietroom-connector';
import type { DeadReason } from './deadLetters.js';
import type { PendingMessage } from './messageStore.js';

/** The outcome of sending a group of messages. A receipt of the connector is one. */
export type Delivery =
  | { readonly status: 'accepted' }
  | { readonly status: 'refused'; readonly reason: string; readonly acceptedParts: number }
  | { readonly status: 'unconfirmed'; readonly reason: string };

export interface OutboxLimits {
  /** The messages of one delivery at most. Default 20. */
  readonly maxGroup?: number;
  /** A message that was refused alone so often is given up. Default: when it is too old. */
  readonly maxRefusals?: number;
}

/** What an outbox needs. */
export interface OutboxContext extends OutboxLimits {
  /** Sends a text; rejects when nothing of it has left. */
  send(to: string, text: string): Promise<Delivery>;
  /** Whether messages can be sent there now; `retry` is to be called when they can again. */
  canSend(to: string): boolean;
  /** Stores that the delivery of these messages has begun, or that it certainly failed. */
  update(messages: readonly PendingMessage[]): Promise<void>;
  delivered(messages: readonly PendingMessage[]): Promise<void>;
  giveUp(messages: readonly PendingMessage[], reason: DeadReason): Promise<void>;
  failed(to: string, why: string): void;
  now(): number;
  readonly maxAgeMs: number;
}

const MAX_GROUP = 20;
const MAX_GROUP_CHARACTERS = 3000;

/** Before a message whose earlier delivery has no known outcome. */
const DOUBT = '(perhaps again) ';

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** The messages to one room or user: delivered one group after another, in order, each until it is confirmed or too old. */
export class Outbox {
  readonly #to: string;
  readonly #context: OutboxContext;
  readonly #stop = new AbortController();
  #messages: PendingMessage[] = [];
  #pauseMs = FIRST_PAUSE_MS;
  /** The messages of the next delivery at most: one after a refusal, to find the refused one. */
  #groupLimit: number;
  /** Of the first message, delivered alone. */
  #refusals = 0;
  #wake: () => void = () => {};
  #ended: Promise<void> = Promise.resolve();

  constructor(to: string, context: OutboxContext) {
    this.#to = to;
    this.#context = context;
    this.#groupLimit = context.maxGroup ?? MAX_GROUP;
  }

  get waiting(): readonly PendingMessage[] {
    return this.#messages;
  }

  add(message: PendingMessage): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) this.#wake();
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Tries again at once: something has changed. */
  retry(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#step(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#context.failed(this.#to, error instanceof Error ? error.message : String(error));
        await this.#pause();
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const [first] = this.#messages;
    if (first === undefined) return this.#sleep(undefined);
    const readyInMs = first.acceptedAt + first.groupSeconds * 1000 - this.#context.now();
    // Not longer than it says, if the clock was set back.
    if (readyInMs > 0 && !first.isInDoubt) await this.#sleep(Math.min(readyInMs, first.groupSeconds * 1000));
    if (signal.aborted || (await this.#giveUpOld())) return;
    if (!this.#context.canSend(this.#to)) return this.#sleep(MAX_PAUSE_MS);
    await this.#deliver(this.#group());
  }

  /** True when messages were given up. */
  async #giveUpOld(): Promise<boolean> {
    const oldest = this.#context.now() - this.#context.maxAgeMs;
    const old = this.#messages.filter(({ acceptedAt }) => acceptedAt < oldest);
    if (old.length === 0) return false;
    await this.#context.giveUp(old, 'too-old');
    this.#drop(old);
    return true;
  }

  #group(): PendingMessage[] {
    let characters = 0;
    const end = this.#messages.findIndex(({ text }, index) => {
      characters += text.length;
      return index === this.#groupLimit || (index > 0 && characters > MAX_GROUP_CHARACTERS);
    });
    return end < 0 ? [...this.#messages] : this.#messages.slice(0, end);
  }

  async #deliver(group: readonly PendingMessage[]): Promise<void> {
    const text = group.map((message) => (message.isInDoubt ? DOUBT : '') + message.text).join('\n');
    // Before it leaves: after a kill at any moment from here on it may have arrived.
    const begun = group.filter(({ isInDoubt }) => !isInDoubt);
    await this.#mark(begun, true);
    let delivery: Delivery;
    try {
      delivery = await this.#context.send(this.#to, text);
    } catch (error) {
      // Nothing has left.
      await this.#mark(begun, false);
      if (!(error instanceof ConnectorError) || error.code !== 'MESSAGE_TOO_LONG') throw error;
      await this.#context.giveUp(group, 'too-long');
      this.#drop(group);
      return;
    }
    if (delivery.status === 'accepted') {
      await this.#context.delivered(group);
      this.#drop(group);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#groupLimit = this.#context.maxGroup ?? MAX_GROUP;
      return;
    }
    if (delivery.status === 'refused') {
      // A refused message has certainly not arrived; an unconfirmed one may have.
      if (delivery.acceptedParts === 0) await this.#mark(begun, false);
      this.#groupLimit = 1;
      if (group.length === 1) this.#refusals++;
      if (this.#refusals >= (this.#context.maxRefusals ?? Infinity)) {
        await this.#context.giveUp(group, 'refused');
        this.#drop(group);
        return;
      }
    }
    this.#context.failed(this.#to, `${delivery.status}: ${delivery.reason}`);
    await this.#pause();
  }

  async #mark(messages: readonly PendingMessage[], isInDoubt: boolean): Promise<void> {
    const marked = new Map(messages.map((message) => [message.id, { ...message, isInDoubt }]));
    if (marked.size === 0) return;
    this.#messages = this.#messages.map((message) => marked.get(message.id) ?? message);
    await this.#context.update([...marked.values()]);
  }

  #drop(messages: readonly PendingMessage[]): void {
    const ids = new Set(messages.map(({ id }) => id));
    this.#messages = this.#messages.filter(({ id }) => !ids.has(id));
    this.#refusals = 0;
  }

  async #pause(): Promise<void> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs);
    await this.#sleep(pauseMs);
  }

  /** Until the time is over, or something wakes it. */
  #sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
  }
}
