import { ClassicLevel } from 'classic-level';

/** A message on its way. */
export interface PendingMessage {
  /** Increases with each message. */
  readonly id: number;
  readonly to: string;
  readonly text: string;
  /** Seconds to wait for more messages to the same place. */
  readonly groupSeconds: number;
  /** When it was accepted, in milliseconds since 1970. */
  readonly acceptedAt: number;
  /** A delivery was begun and its outcome is not known: the message may have arrived. */
  readonly isInDoubt: boolean;
}

/** What is known of an alert or an event that was told. */
export interface SeenNotice {
  readonly state: 'firing' | 'resolved' | 'event';
  /** Until when repetitions are quiet, in milliseconds since 1970. */
  readonly quietUntil: number;
}

const MESSAGE = 'message!';
const SEEN = 'seen!';

/** Messages and seen notices on disk. One process per folder. */
export class RelayStore implements AsyncDisposable {
  readonly #db: ClassicLevel<string, unknown>;

  private constructor(db: ClassicLevel<string, unknown>) {
    this.#db = db;
  }

  /** Makes the folder if it is missing. @throws Error with `cause.code` `LEVEL_LOCKED` when another process has it */
  static async open(folder: string): Promise<RelayStore> {
    const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
    await db.open();
    return new RelayStore(db);
  }

  async messages(): Promise<PendingMessage[]> {
    // Only this class writes.
    return (await this.#db.values({ gt: MESSAGE, lt: `${MESSAGE}~` }).all()) as PendingMessage[];
  }

  async seen(): Promise<[key: string, seen: SeenNotice][]> {
    const entries = await this.#db.iterator({ gt: SEEN, lt: `${SEEN}\uffff` }).all();
    return entries.map(([key, value]) => [key.slice(SEEN.length), value as SeenNotice]);
  }

  /** Stores messages and what was seen; resolves when they are on disk. */
  async accept(
    messages: readonly PendingMessage[],
    seen: readonly (readonly [key: string, seen: SeenNotice])[],
  ): Promise<void> {
    await this.#db.batch<string, unknown>(
      [
        ...messages.map((message) => ({ type: 'put' as const, key: keyOf(message), value: message })),
        ...seen.map(([key, value]) => ({ type: 'put' as const, key: SEEN + key, value })),
      ],
      { sync: true },
    );
  }

  /** Changes messages; survives the end of the process, not that of the machine. */
  async update(messages: readonly PendingMessage[]): Promise<void> {
    await this.#db.batch(messages.map((message) => ({ type: 'put', key: keyOf(message), value: message })));
  }

  async remove(messages: readonly PendingMessage[]): Promise<void> {
    await this.#db.batch(messages.map((message) => ({ type: 'del', key: keyOf(message) })));
  }

  async forget(keys: readonly string[]): Promise<void> {
    await this.#db.batch(keys.map((key) => ({ type: 'del', key: SEEN + key })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.close();
  }
}

/** Of one length, so that their order is that of the numbers. */
function keyOf({ id }: PendingMessage): string {
  return MESSAGE + String(id).padStart(16, '0');
}
