import type { Bot } from '@quietroom/bot';
import type { Receipt } from 'quietroom-connector';
import { writeDeadLetters } from './deadLetters.js';
import { Outbox, type OutboxContext } from './outbox.js';
import type { RelayConfig, Route } from './relayConfig.js';
import type { PendingMessage, RelayStore, SeenNotice } from './relayStore.js';
import { Repetitions } from './repetitions.js';
import type { Notice } from './sources/notice.js';

/** Too many messages wait. */
export class RelayFullError extends Error {
  override readonly name = 'RelayFullError';
}

/** What the relay has done. */
export interface RelayCounts {
  accepted: number;
  quiet: number;
  delivered: number;
  dead: number;
  failedAttempts: number;
}

/** How often what was seen is searched for what is over, in milliseconds. */
const EXPIRE_INTERVAL_MS = 60_000;

/** Stores notices, and delivers them until they are confirmed. */
export class Relay {
  readonly counts: RelayCounts = { accepted: 0, quiet: 0, delivered: 0, dead: 0, failedAttempts: 0 };
  readonly #config: RelayConfig;
  readonly #bot: Pick<Bot, 'connector'>;
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #store: RelayStore;
  readonly #repetitions: Repetitions;
  readonly #log: (line: string) => void;
  readonly #outboxes = new Map<string, Outbox>();
  /** Joining and sending belong together: a 1.1 server sends to the room joined last. */
  #roomTurn: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #expiry: NodeJS.Timeout | undefined;

  private constructor(parts: RelayParts, repetitions: Repetitions) {
    this.#config = parts.config;
    this.#bot = parts.bot;
    this.#passwords = parts.passwords;
    this.#store = parts.store;
    this.#log = parts.log;
    this.#repetitions = repetitions;
  }

  /** Reads from the store what was not delivered. */
  static async make(parts: RelayParts): Promise<Relay> {
    const relay = new Relay(parts, new Repetitions(await parts.store.seen()));
    for (const message of await parts.store.messages()) {
      relay.#outboxOf(message.to).add(message);
      relay.#nextId = message.id + 1;
    }
    return relay;
  }

  get pending(): number {
    let pending = 0;
    for (const { waiting } of this.#outboxes.values()) pending += waiting.length;
    return pending;
  }

  /** Seconds since the oldest waiting message was accepted; 0 without one. */
  get oldestSeconds(): number {
    const times = [...this.#outboxes.values()].flatMap(({ waiting }) => waiting[0]?.acceptedAt ?? []);
    return times.length === 0 ? 0 : Math.max(0, (Date.now() - Math.min(...times)) / 1000);
  }

  get isConnected(): boolean {
    return this.#bot.connector.isConnected;
  }

  /** Begins to deliver. */
  start(): void {
    const { connector } = this.#bot;
    connector.onPresence((name, change, { room }) => {
      if (change === 'joined' && room === undefined) this.#outboxes.get(name)?.retry();
    });
    connector.onStateChange((state) => {
      if (state === 'connected') for (const outbox of this.#outboxes.values()) outbox.retry();
    });
    for (const route of this.#config.routes) this.#outboxOf(route.to);
    for (const outbox of this.#outboxes.values()) outbox.start();
    this.#expiry = setInterval(() => {
      this.#store
        .forget(this.#repetitions.expire(Date.now()))
        .catch((error: unknown) => this.#log(String(error)));
    }, EXPIRE_INTERVAL_MS);
  }

  /** Ends deliveries; what has no outcome is in doubt at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#expiry);
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.stop()));
  }

  /**
   * Stores what is to be told. Resolves, with how many that are, when it is on disk.
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
        this.counts.quiet++;
        continue;
      }
      before.push([told[0], this.#repetitions.get(told[0])]);
      this.#repetitions.remember(told);
      seen.push(told);
      if (notice.state !== 'resolved' || route.resolved) messages.push(this.#messageOf(route, notice, now));
    }
    try {
      if (seen.length > 0) await this.#store.accept(messages, seen);
    } catch (error) {
      for (const [key, known] of before.toReversed()) this.#repetitions.restore(key, known);
      throw error;
    }
    for (const message of messages) this.#outboxOf(message.to).add(message);
    this.counts.accepted += messages.length;
    return messages.length;
  }

  #messageOf(
    { to, group_seconds: groupSeconds }: Route,
    { text }: Notice,
    acceptedAt: number,
  ): PendingMessage {
    return { id: this.#nextId++, to, text, groupSeconds, acceptedAt, isInDoubt: false };
  }

  #outboxOf(to: string): Outbox {
    const known = this.#outboxes.get(to);
    if (known !== undefined) return known;
    const outbox = new Outbox(to, this.#outboxContext());
    this.#outboxes.set(to, outbox);
    return outbox;
  }

  #outboxContext(): OutboxContext {
    return {
      send: (to, text) => this.#send(to, text),
      isConnected: () => this.isConnected,
      update: (messages) => this.#store.update(messages),
      delivered: async (messages) => {
        await this.#store.remove(messages);
        this.counts.delivered += messages.length;
      },
      giveUp: async (messages, reason) => {
        await writeDeadLetters(this.#config.dead_letters, messages, reason);
        await this.#store.remove(messages);
        this.counts.dead += messages.length;
        this.#log(`${messages.length} messages to ${messages[0]?.to} were given up: ${reason}`);
      },
      failed: (to, why) => {
        this.counts.failedAttempts++;
        this.#log(`${to}: not delivered, will be tried again: ${why}`);
      },
      now: () => Date.now(),
      maxAgeMs: this.#config.max_age * 1000,
    };
  }

  #send(to: string, text: string): Promise<Receipt> {
    const { connector } = this.#bot;
    // Servers join the lines of a direct message.
    if (!to.startsWith('#')) return connector.sendDm(to, text, { newlines: 'split', maxParts: 500 });
    const sending = this.#roomTurn.then(async () => {
      const isElsewhere = connector.serverVersion === '1.1' && connector.currentRoom !== to;
      if (isElsewhere || !connector.joinedRooms.includes(to))
        await connector.joinRoom(to, this.#passwords.get(to));
      return connector.sendRoomMessage(to, text, { maxParts: 500 });
    });
    this.#roomTurn = sending.catch(() => {});
    return sending;
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
