import type { Bot } from '@quietroom/bot';
import { ChatSender } from '../delivery/chatSender.js';
import type { PendingMessage } from '../delivery/messageStore.js';
import { Outboxes, type DeliveryCounts } from '../delivery/outboxes.js';
import type { RelayConfig, Route } from './relayConfig.js';
import type { RelayStore, SeenNotice } from './relayStore.js';
import { Repetitions } from './repetitions.js';
import type { Notice } from './sources/notice.js';

/** Too many messages wait. */
export class RelayFullError extends Error {
  override readonly name = 'RelayFullError';
}

/** What the relay has done. */
export interface RelayCounts extends DeliveryCounts {
  accepted: number;
  quiet: number;
}

/** How often what was seen is searched for what is over, in milliseconds. */
const EXPIRE_INTERVAL_MS = 60_000;

/** Stores notices, and delivers them until they are confirmed. */
export class Relay {
  readonly #config: RelayConfig;
  readonly #bot: Pick<Bot, 'connector'>;
  readonly #store: RelayStore;
  readonly #repetitions: Repetitions;
  readonly #log: (line: string) => void;
  readonly #outboxes: Outboxes;
  #accepted = 0;
  #quiet = 0;
  #nextId = 1;
  #expiry: NodeJS.Timeout | undefined;

  private constructor(parts: RelayParts, repetitions: Repetitions) {
    this.#config = parts.config;
    this.#bot = parts.bot;
    this.#store = parts.store;
    this.#log = parts.log;
    this.#repetitions = repetitions;
    const sender = new ChatSender(parts.bot, parts.passwords);
    this.#outboxes = new Outboxes({
      store: parts.store,
      deadLetters: parts.config.dead_letters,
      maxAgeMs: parts.config.max_age * 1000,
      send: (to, text) => sender.send(to, text),
      canSend: () => this.isConnected,
      log: parts.log,
    });
  }

  /** Reads from the store what was not delivered. */
  static async make(parts: RelayParts): Promise<Relay> {
    const relay = new Relay(parts, new Repetitions(await parts.store.seen()));
    for (const message of await parts.store.messages()) {
      relay.#outboxes.add(message);
      relay.#nextId = message.id + 1;
    }
    return relay;
  }

  get counts(): RelayCounts {
    return { accepted: this.#accepted, quiet: this.#quiet, ...this.#outboxes.counts };
  }

  get pending(): number {
    return this.#outboxes.pending;
  }

  /** Seconds since the oldest waiting message was accepted; 0 without one. */
  get oldestSeconds(): number {
    return this.#outboxes.oldestSeconds;
  }

  get isConnected(): boolean {
    return this.#bot.connector.isConnected;
  }

  /** Begins to deliver. */
  start(): void {
    const { connector } = this.#bot;
    connector.onPresence((name, change, { room }) => {
      if (change === 'joined' && room === undefined) this.#outboxes.retry(name);
    });
    connector.onStateChange((state) => {
      if (state === 'connected') this.#outboxes.retry();
    });
    this.#outboxes.start();
    this.#expiry = setInterval(() => {
      this.#store
        .forget(this.#repetitions.expire(Date.now()))
        .catch((error: unknown) => this.#log(String(error)));
    }, EXPIRE_INTERVAL_MS);
  }

  /** Ends deliveries; what has no outcome is in doubt at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#expiry);
    await this.#outboxes.stop();
  }

  /**
   * Stores the notices to be sent. Resolves with their number when they are on disk.
   *
   * @throws RelayFullError; an error of the store
   */
  async accept(route: Route, notices: readonly Notice[]): Promise<number> {
    const now = Date.now();
    if (this.pending + notices.length > this.#config.max_pending)
      throw new RelayFullError('Too many messages wait.');
    const messages: PendingMessage[] = [];
    const seen: (readonly [string, SeenNotice])[] = [];
    const before: [string, SeenNotice | undefined][] = [];
    for (const notice of notices) {
      const told = this.#repetitions.check(route, notice, now);
      if (told === undefined) {
        this.#quiet++;
        continue;
      }
      before.push([told[0], this.#repetitions.get(told[0])]);
      this.#repetitions.remember(told);
      seen.push(told);
      if (notice.state !== 'resolved' || route.resolved) messages.push(this.#messageOf(route, notice, now));
    }
    try {
      if (seen.length > 0) await this.#store.acceptSeen(messages, seen);
    } catch (error) {
      for (const [key, known] of before.toReversed()) this.#repetitions.restore(key, known);
      throw error;
    }
    for (const message of messages) this.#outboxes.add(message);
    this.#accepted += messages.length;
    return messages.length;
  }

  #messageOf(
    { to, group_seconds: groupSeconds }: Route,
    { text }: Notice,
    acceptedAt: number,
  ): PendingMessage {
    return { id: this.#nextId++, to, text, groupSeconds, acceptedAt, isInDoubt: false };
  }
}

/** What a relay is made of. */
export interface RelayParts {
  readonly config: RelayConfig;
  readonly bot: Pick<Bot, 'connector'>;
  readonly store: RelayStore;
  /** Of rooms. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Lines for the operator, without texts of messages. */
  readonly log: (line: string) => void;
}
