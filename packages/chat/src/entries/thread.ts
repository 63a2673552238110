import { entrySize, type Entry } from './entry.js';
import { LOBBY, placeId, type Place, type PlaceId } from './place.js';

/** A thread drops its oldest entries beyond this number. */
export const MAX_ENTRIES = 1000;
/** A thread drops its oldest entries beyond this number of characters. */
export const MAX_CHARACTERS = 500_000;

/** The entries of one place. */
export interface Thread {
  readonly id: PlaceId;
  readonly place: Place;
  readonly entries: readonly Entry[];
  /** Total characters of the entries. */
  readonly characters: number;
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
    characters: 0,
    unread: 0,
    isMentioned: false,
    newFrom: undefined,
    members: undefined,
  };
}

export const LOBBY_THREAD = newThread(LOBBY);

export function withEntry(thread: Thread, entry: Entry): Thread {
  const entries = [...thread.entries, entry];
  let characters = thread.characters + entrySize(entry);
  let surplus = Math.max(0, entries.length - MAX_ENTRIES);
  for (let index = 0; index < entries.length - 1; index++) {
    const first = entries[index];
    if (first === undefined || (index >= surplus && characters <= MAX_CHARACTERS)) break;
    characters -= entrySize(first);
    surplus = Math.max(surplus, index + 1);
  }
  return { ...thread, entries: surplus === 0 ? entries : entries.slice(surplus), characters };
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
    characters: thread.characters - entrySize(found) + entrySize(changed),
  };
}
