import { entryBytes, type Entry } from './entry.js';
import { LOBBY, placeId, type Place, type PlaceId } from './place.js';

/** A place drops its oldest entries beyond this number. */
export const MAX_ENTRIES = 10_000;

/** The entries of one place. */
export interface Thread {
  readonly id: PlaceId;
  readonly place: Place;
  readonly entries: readonly Entry[];
  /** About the bytes of all entries. */
  readonly bytes: number;
  /** Messages received while another place was shown. */
  readonly unread: number;
  /** One of the unread messages mentions the user's name. */
  readonly isMentioned: boolean;
  /** The first unread entry; the line "new" is drawn above it. */
  readonly newFrom: number | undefined;
  /** The known members of a room. */
  readonly members: ReadonlySet<string> | undefined;
}

export function newThread(place: Place): Thread {
  return {
    id: placeId(place),
    place,
    entries: [],
    bytes: 0,
    unread: 0,
    isMentioned: false,
    newFrom: undefined,
    members: undefined,
  };
}

export const LOBBY_THREAD = newThread(LOBBY);

export function withEntry(thread: Thread, entry: Entry): Thread {
  const bytes = thread.bytes + entryBytes(entry);
  const after = { ...thread, entries: [...thread.entries, entry], bytes };
  return after.entries.length > MAX_ENTRIES ? withoutOldest(after, 1) : after;
}

/** The thread without its oldest entries. */
export function withoutOldest(thread: Thread, count: number): Thread {
  const dropped = thread.entries.slice(0, count);
  const bytes = dropped.reduce((sum, entry) => sum - entryBytes(entry), thread.bytes);
  return { ...thread, entries: thread.entries.slice(count), bytes };
}

/** Replaces an entry by the result of `change`; returns the same thread when the entry has been dropped. */
export function withChanged(thread: Thread, id: number, change: (entry: Entry) => Entry): Thread {
  const index = thread.entries.findLastIndex((entry) => entry.id === id);
  const found = thread.entries[index];
  if (found === undefined) return thread;
  const changed = change(found);
  return {
    ...thread,
    entries: thread.entries.with(index, changed),
    bytes: thread.bytes - entryBytes(found) + entryBytes(changed),
  };
}
