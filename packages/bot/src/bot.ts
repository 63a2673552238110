import { QuietRoomConnector } from 'quietroom-connector';
import { Composer } from './composer/composer.js';
import { commandCallIn, Mentions } from './context/addressing.js';
import type { Context } from './context/context.js';
import type { Services } from './context/services.js';
import { BotError } from './errors.js';
import { LoopGuard } from './limits/loopGuard.js';
import { RateLimiter } from './limits/rateLimiter.js';
import { SenderQueue } from './limits/senderQueue.js';
import { resolveOptions, type BotOptions, type ResolvedOptions } from './options.js';
import { Pipeline } from './pipeline.js';
import { Presences } from './presence/presences.js';
import { Sender } from './presence/sender.js';
import { Sessions } from './presence/sessions.js';
import { Asks } from './replies/asks.js';
import { durationMs, type Duration } from './time/duration.js';
import { Interval } from './time/interval.js';

/** Gets what a handler threw, and the context of its message; undefined for a task of `every` and for the bot itself. */
export type ErrorHandler<S> = (error: unknown, ctx: Context<S> | undefined) => unknown;

/** Counters of a bot and its present state. */
export interface BotStats {
  /** Messages that were given to the handlers. */
  readonly handled: number;
  /** Errors that handlers threw, without `ReplyError`. */
  readonly failed: number;
  /** Messages over the rate limit, which were dropped. */
  readonly rateLimited: number;
  /** Messages that were dropped because too many of the same sender waited. */
  readonly overflowed: number;
  /** Messages that the loop guard ignored. */
  readonly loopGuarded: number;
  /** Messages that are being handled. */
  readonly running: number;
  /** Messages that wait. */
  readonly waiting: number;
  /** Senders whose presence is known. */
  readonly presences: number;
}

/**
 * A bot: commands, questions, sessions and limits over a `QuietRoomConnector`. One sender's messages are handled in
 * order, those of different senders at once. A bot is started once.
 *
 * @example
 * const bot = new Bot({ serverHost: 'chat.example', username: 'DiceBot' });
 * bot.command('roll', { args: { sides: arg.integer({ min: 2, default: 6 }) } }, (ctx) =>
 *   ctx.reply(`You rolled ${randomInt(ctx.args.sides) + 1}.`),
 * );
 * await bot.run();
 */
export class Bot<S = undefined> extends Composer<S> {
  /** The connector of the bot, for all that the bot has no method for. */
  readonly connector: QuietRoomConnector;
  readonly #options: ResolvedOptions<S>;
  readonly #services: Services;
  readonly #presences: Presences<Sender<S>>;
  readonly #sessions: Sessions<S> | undefined;
  readonly #pipeline: Pipeline<S>;
  readonly #intervals = new Set<Interval>();
  readonly #stopLimit = new AbortController();
  /** Work outside the queue: immediate commands, tasks of `every`, deletions of sessions. */
  readonly #background = new Set<Promise<unknown>>();
  #errorHandler: ErrorHandler<S> | undefined;
  #isStarted = false;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  /** @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN` */
  constructor(options: BotOptions<S> = {}) {
    const resolved = resolveOptions(options);
    super({
      prefix: resolved.prefix,
      every: (interval, task) => this.#every(interval, task),
      report: (error) => this.#report(error, undefined),
    });
    const { clock, prefix, session, date, presenceIdle } = resolved;
    const idleMs = presenceIdle * 1000;
    const mentions = new Mentions();
    this.#options = resolved;
    this.connector = new QuietRoomConnector(resolved.connector);
    this.#services = {
      connector: this.connector,
      clock,
      queue: new SenderQueue(resolved.maxConcurrent, resolved.maxQueuedPerSender),
      asks: new Asks(clock),
      askTimeoutMs: resolved.askTimeout * 1000,
      signal: this.#stopLimit.signal,
      mentionIn: (text) => mentions.textWithout(this.connector.username, text),
      callIn: (text) => commandCallIn(text, prefix),
    };
    this.#sessions = session && new Sessions(session.initial, session.storage, { idleMs, date });
    this.#presences = new Presences(clock.now(), idleMs, {
      make: (name, nowMs) => this.#newSender(name, nowMs),
      ended: ({ name }) => this.#inBackground(this.#sessions?.end(name)),
    });
    this.#pipeline = new Pipeline({
      options: resolved,
      services: this.#services,
      composer: this,
      sessions: this.#sessions,
      senderOf: (name, nowMs) => this.#presences.use(name, nowMs),
      inBackground: (work) => this.#inBackground(work),
      report: (error, ctx) => this.#report(error, ctx),
    });
    this.#listen();
  }

  /**
   * Sets what gets the errors of handlers, of tasks of `every` and of the connector. Without it Node prints a warning for
   * each, and the sender of a message for the bot is told that something went wrong.
   *
   * @example
   * bot.catch((error, ctx) => console.error(ctx?.call?.name, error));
   */
  catch(handler: ErrorHandler<S>): this {
    this.#errorHandler = handler;
    return this;
  }

  /** Counters, and the present state. */
  stats(): BotStats {
    const { running, waiting } = this.#services.queue;
    return { ...this.#pipeline.counts, running, waiting, presences: this.#presences.size };
  }

  /**
   * Connects, and joins the rooms of the option `rooms`. The first attempt is the only one; a connection that is lost
   * later is made again.
   *
   * @throws BotError `ALREADY_STARTED`; what `connect` and `joinRoom` of the connector throw
   */
  async start(): Promise<void> {
    if (this.#isStarted)
      throw new BotError('ALREADY_STARTED', 'A bot can be started only once. Make a new one.');
    this.#isStarted = true;
    await this.connector.connect();
    try {
      for (const room of this.#options.rooms) {
        if (typeof room === 'string') await this.connector.joinRoom(room);
        else await this.connector.joinRoom(room.room, room.password);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * Starts the bot and runs it until SIGINT or SIGTERM stops it. Resolves when it has stopped.
   *
   * @throws what `start` throws; the reason why the connection is lost for good
   * @param options `timeout`: as for `stop`
   */
  async run({ timeout }: { timeout?: number } = {}): Promise<void> {
    const stop = (): void => void this.stop(timeout === undefined ? {} : { timeout });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    try {
      await this.start();
      const reason = await this.connector.closed;
      await this.stop();
      if (reason) throw reason;
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    }
  }

  /**
   * Stops: accepts no more messages, ends open questions, lets handlers finish, disconnects, and calls the clean-ups of
   * plugins. Safe at any time, and to repeat.
   *
   * @param options `timeout`: seconds that the handlers may take; then `ctx.signal` aborts. Default 10.
   */
  stop({ timeout = 10 }: { timeout?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(timeout * 1000);
    return this.#stopped;
  }

  /** Stops the bot. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    for (const interval of this.#intervals) interval.pause();
    this.#services.asks.cancelAll();
    await this.#within(limitMs, async () => {
      await this.#services.queue.idle();
      while (this.#background.size > 0) await Promise.allSettled(this.#background);
    });
    this.#stopLimit.abort(new BotError('STOPPING', 'The bot stops.'));
    if (this.connector.state === 'connecting') await this.connector.disconnect();
    else await this.connector.drain({ timeout: 5 });
    await this.dispose();
    await this.#sessions?.stored();
  }

  /** Resolves when the work is done, or after the limit. */
  async #within(limitMs: number, work: () => Promise<void>): Promise<void> {
    const { clock } = this.#services;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, limitMs);
      void work().finally(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }

  #listen(): void {
    const receive: Pipeline<S>['receive'] = (event) => {
      // A bot that answered itself would never end.
      if (!event.own && !this.#isStopping) this.#pipeline.receive(event);
    };
    this.connector
      .onDm((_, __, event) => receive(event))
      .onRoomMessage((_, __, ___, event) => receive(event))
      .onLobbyMessage((_, __, event) => receive(event))
      // A name that joins is free before: its leave was missed.
      .onPresence((name, _, { room }) => {
        if (room === undefined) this.#presences.end(name);
      })
      .onStateChange((state) => (state === 'connected' ? this.#onConnected() : this.#onDisconnected()))
      .onError((error) => this.#report(error, undefined));
  }

  #onConnected(): void {
    if (this.#isStopping) return;
    for (const interval of this.#intervals) interval.resume();
    this.#inBackground(this.#endPresencesOfGone());
  }

  #onDisconnected(): void {
    this.#presences.revokeGrants();
    for (const interval of this.#intervals) interval.pause();
  }

  /** Ends the presences and sessions of all who left while the bot was not connected. */
  async #endPresencesOfGone(): Promise<void> {
    const users = await this.connector.listUsers().catch(() => undefined);
    // A 1.1 server lists the users of one room only; then sessions end by time.
    const online = users !== undefined && this.connector.serverVersion === '1.2' ? new Set(users) : undefined;
    if (online !== undefined) this.#presences.keepOnly(online);
    await this.#sessions?.deleteGone(online);
  }

  #newSender(name: string, nowMs: number): Sender<S> {
    const { rateLimit, loopGuard } = this.#options;
    return new Sender<S>(name, nowMs, {
      rate:
        rateLimit === false
          ? undefined
          : new RateLimiter(rateLimit.messages, rateLimit.seconds * 1000, nowMs),
      loopGuard: loopGuard === false ? undefined : new LoopGuard(loopGuard.messages, loopGuard.pause * 1000),
    });
  }

  #every(duration: Duration, task: () => unknown): () => void {
    const interval = new Interval(this.#services.clock, durationMs('The interval', duration), async () => {
      const run = (async () => task())().catch((error: unknown) => this.#report(error, undefined));
      this.#inBackground(run);
      await run;
    });
    this.#intervals.add(interval);
    if (this.connector.isConnected && !this.#isStopping) interval.resume();
    return () => {
      interval.pause();
      this.#intervals.delete(interval);
    };
  }

  #inBackground(work: Promise<unknown> | undefined): void {
    if (work === undefined) return;
    this.#background.add(work);
    work
      .catch((error: unknown) => this.#report(error, undefined))
      .finally(() => this.#background.delete(work))
      .catch(() => {});
  }

  #report(thrown: unknown, ctx: Context<S> | undefined): void {
    if (this.#errorHandler === undefined) {
      warn(thrown);
      if (ctx !== undefined && (ctx.isAddressed || ctx.call !== undefined)) {
        ctx.reply('Something went wrong.').catch(warn);
      }
      return;
    }
    void (async () => this.#errorHandler?.(thrown, ctx))().catch(warn);
  }
}

/** Prints an error with its stack as a warning: it is a mistake in a program, which must not end the process. */
function warn(error: unknown): void {
  if (error instanceof Error)
    process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
  else process.emitWarning(`A handler threw a value that is not an Error, of type ${typeof error}.`);
}
