import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../delivery/outbox.js';
import { IrcSession, type IrcIdentity, type IrcListener } from './ircSession.js';
import { Members, type MembersListener } from './members.js';
import { TokenBucket } from './tokenBucket.js';

export interface IrcConnectorOptions {
  readonly identity: IrcIdentity;
  /** Lines that may be sent at once, at least 2, and per second in the long run. */
  readonly burst: number;
  readonly linesPerSecond: number;
  readonly listener: IrcListener & MembersListener;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 300_000;

/** A connection that lasted so long begins with the first pause again. */
const STABLE_MS = 60_000;

/** How long a stop waits for lines that are not confirmed. */
const STOP_MS = 5000;

/** Keeps a connection to an IRC server, and sends within its limits. */
export class IrcConnector {
  /** The members of the channels. */
  readonly members: Members;
  readonly #options: IrcConnectorOptions;
  readonly #stop = new AbortController();
  readonly #bucket: TokenBucket;
  #session: IrcSession | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #run: Promise<void> | undefined;

  constructor(options: IrcConnectorOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.burst, options.linesPerSecond);
    this.members = new Members(options.listener, (name) => this.#keyOf(name));
  }

  get isConnected(): boolean {
    return this.#session?.isRegistered ?? false;
  }

  /** Whether the bridge is in a channel. */
  isIn(channel: string): boolean {
    return this.#session?.isIn(channel) ?? false;
  }

  /** Whether the server takes two names for one. */
  isSameName(one: string, other: string): boolean {
    return this.#keyOf(one) === this.#keyOf(other);
  }

  /** Connects, and connects again after each loss, until `stop`. */
  start(): void {
    this.#run = this.#keepConnected();
  }

  /** Lets lines on their way be confirmed for up to 5 s, and leaves. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('The bridge stops.'));
    await Promise.race([this.#turn, sleep(STOP_MS, undefined, { ref: false })]).catch(() => {});
    this.#session?.quit();
    await this.#run;
  }

  /**
   * Sends lines to a channel, or as notices to a user, in the order of calls; fewer lines than `burst`. Resolves when the
   * server has handled them.
   *
   * @throws Error when nothing has left
   */
  send(command: 'PRIVMSG' | 'NOTICE', target: string, lines: readonly string[]): Promise<Delivery> {
    const sending = this.#turn.then(async () => {
      await this.#bucket.wait(lines.length + 1, this.#stop.signal);
      if (this.#session === undefined) throw new Error('There is no connection to IRC.');
      // The bridge may have been removed meanwhile.
      if (command === 'PRIVMSG' && !this.isIn(target)) throw new Error(`The bridge is not in ${target}.`);
      return this.#session.send(command, target, lines);
    });
    this.#turn = sending.catch(() => {});
    return sending;
  }

  #keyOf(name: string): string {
    return this.#session?.caseLower(name) ?? name.toLowerCase();
  }

  async #keepConnected(): Promise<void> {
    const { identity, listener } = this.#options;
    const { signal } = this.#stop;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const wait = (lines: number): Promise<void> => this.#bucket.wait(lines, signal);
      this.#session = new IrcSession(identity, this.members, listener, wait);
      const reason = await this.#session.ended;
      this.#session = undefined;
      if (signal.aborted) return;
      if (performance.now() - startedAt > STABLE_MS) pauseMs = FIRST_PAUSE_MS;
      // Not with all others whom a server has lost.
      const randomMs = pauseMs * (0.5 + Math.random() / 2);
      listener.log(`IRC: ${reason} Trying again in ${(randomMs / 1000).toFixed(1)} s.`);
      await sleep(randomMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs);
    }
  }
}
