import { MessageStore, openDatabase, type PendingMessage } from '../delivery/messageStore.js';

/** The stored state of an alert or event that was sent. */
export interface SeenNotice {
  readonly state: 'firing' | 'resolved' | 'event';
  /** Until when repetitions are quiet, in milliseconds since 1970. */
  readonly quietUntil: number;
}

const SEEN = 'seen!';

/** Messages and seen notices on disk. */
export class RelayStore extends MessageStore {
  /** @throws Failure as `MessageStore.open` */
  static override async open(folder: string): Promise<RelayStore> {
    return new RelayStore(await openDatabase(folder));
  }

  async seen(): Promise<[key: string, seen: SeenNotice][]> {
    const entries = await this.db.iterator({ gt: SEEN, lt: `${SEEN}\uffff` }).all();
    // Only this class writes.
    return entries.map(([key, value]) => [key.slice(SEEN.length), value as SeenNotice]);
  }

  /** Stores messages and what was seen; resolves when they are on disk. */
  async acceptSeen(
    messages: readonly PendingMessage[],
    seen: readonly (readonly [key: string, seen: SeenNotice])[],
  ): Promise<void> {
    await this.accept(
      messages,
      seen.map(([key, value]) => ({ key: SEEN + key, value })),
    );
  }

  async forget(keys: readonly string[]): Promise<void> {
    await this.db.batch(keys.map((key) => ({ type: 'del', key: SEEN + key })));
  }
}
