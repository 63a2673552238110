import { BotError } from '../errors.js';

/**
 * One stay of a name on the server, from its first message to the bot until the name leaves. A name can be taken by
 * anybody once it is free, so all that belongs to a person is bound to a presence, not to the name.
 */
export interface Presence {
  readonly name: string;
  /** True once the name has left the server. */
  readonly hasEnded: boolean;
  /** Aborts when the name leaves the server. */
  readonly signal: AbortSignal;
  /**
   * Authorises this presence for what `key` stands for, until a time in milliseconds since 1970. It also ends when the
   * name leaves and when the bot loses its connection: the name may then change hands without notice.
   */
  grant(key: object, untilMs: number): void;
  isGranted(key: object, nowMs: number): boolean;
}

/** A presence as its bot keeps it. */
export class TrackedPresence implements Presence {
  readonly name: string;
  /** When it last wrote to the bot, by the clock of the bot. */
  usedAtMs: number;
  readonly #grants = new Map<object, number>();
  #controller: AbortController | undefined;
  #hasEnded = false;

  constructor(name: string, nowMs: number) {
    this.name = name;
    this.usedAtMs = nowMs;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#hasEnded) this.#abort();
    return this.#controller.signal;
  }

  grant(key: object, untilMs: number): void {
    if (!this.#hasEnded) this.#grants.set(key, untilMs);
  }

  isGranted(key: object, nowMs: number): boolean {
    return nowMs < (this.#grants.get(key) ?? -Infinity);
  }

  revokeGrants(): void {
    this.#grants.clear();
  }

  end(): void {
    this.#hasEnded = true;
    this.revokeGrants();
    this.#abort();
  }

  #abort(): void {
    this.#controller?.abort(new BotError('SENDER_LEFT', `${this.name} has left the server.`));
  }
}
