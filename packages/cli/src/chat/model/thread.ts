import { entrySize, type Entry } from './entry.js';
import { LOBBY, placeId, type Place, type PlaceId } from './place.js';

/** Past this, what was said first in a thread is forgotten. */
export const MAX_ENTRIES = 1000;
/** The same, in characters. */
export const MAX_CHARACTERS = 500_000;

/** What was said in one place. */
export interface Thread {
  readonly id: PlaceId;
  readonly place: Place;
  readonly entries: readonly Entry[];
  /** Characters in them. */
  readonly characters: number;
  /** Messages that came while another place was shown. */
  readonly unread: number;
  /** Among these one that says our name. */
  readonly isMentioned: boolean;
  /** The first entry that was not seen; where the line "new" goes. */
  readonly newFrom: number | undefined;
  /** Who is in a room, as far as it is known. */
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

/** Replaces an entry by what `change` makes of it; the same thread when it is forgotten already. */
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
