import type { Sender } from './sender.js';
import type { SessionStorage } from './sessionStorage.js';

/** The sessions of senders: made when needed, stored when changed, deleted when the presence ends. */
export class Sessions<S> {
  readonly #initial: () => S;
  readonly #storage: SessionStorage<S> | undefined;
  readonly #idleMs: number;
  readonly #date: () => Date;
  /** One call to the storage after another: a new presence must not read what an old one left. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    initial: () => S,
    storage: SessionStorage<S> | undefined,
    { idleMs, date }: { idleMs: number; date: () => Date },
  ) {
    this.#initial = initial;
    this.#storage = storage;
    this.#idleMs = idleMs;
    this.#date = date;
  }

  /** Gives the sender its session; undefined when that took no time. */
  open(sender: Sender<S>): Promise<void> | undefined {
    if (sender.session !== undefined) return undefined;
    const storage = this.#storage;
    if (storage === undefined) {
      sender.session = { value: this.#initial(), storedText: undefined };
      return undefined;
    }
    return this.#inOrder(async () => {
      const stored = await storage.read(sender.name);
      const isFresh = stored !== undefined && !this.#isExpired(stored.usedAt);
      const value = isFresh ? stored.session : this.#initial();
      sender.session ??= { value, storedText: isFresh ? JSON.stringify(value) : undefined };
    });
  }

  /** Stores the session if it has changed; undefined when there is nothing to store. */
  save(sender: Sender<S>): Promise<void> | undefined {
    const storage = this.#storage;
    const { session } = sender;
    if (storage === undefined || session === undefined || sender.hasEnded) return undefined;
    const text = JSON.stringify(session.value);
    if (text === session.storedText) return undefined;
    session.storedText = text;
    const usedAt = this.#date().getTime();
    return this.#inOrder(async () => {
      if (!sender.hasEnded) await storage.write(sender.name, { session: session.value, usedAt });
    });
  }

  /** Deletes the stored session of a name that has left. */
  async end(name: string): Promise<void> {
    const storage = this.#storage;
    if (storage !== undefined) await this.#inOrder(() => storage.delete(name));
  }

  /** Deletes the stored sessions that are expired and, when all online names are known, those of names that left. */
  async deleteGone(online: ReadonlySet<string> | undefined): Promise<void> {
    const storage = this.#storage;
    if (storage === undefined) return;
    await this.#inOrder(async () => {
      for (const name of await storage.names()) {
        const isGone = online !== undefined && !online.has(name);
        const stored = isGone ? undefined : await storage.read(name);
        if (stored === undefined || this.#isExpired(stored.usedAt)) await storage.delete(name);
      }
    });
  }

  /** Resolves when the storage has finished all calls. */
  async stored(): Promise<void> {
    await this.#last;
  }

  #isExpired(usedAt: number): boolean {
    return this.#date().getTime() - usedAt >= this.#idleMs;
  }

  #inOrder(call: () => Promise<void>): Promise<void> {
    const result = this.#last.then(call);
    this.#last = result.catch(() => {});
    return result;
  }
}
