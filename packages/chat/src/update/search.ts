import type { Entry } from '../entries/entry.js';
import { findThread, show, type ChatState, type Spot } from '../state/chatState.js';

/** Hits of a search that are kept. */
export const MAX_HITS = 1000;

/** Begins or changes a search, and shows its newest hit. */
export function search(state: ChatState, text: string): ChatState {
  const hits = text === '' ? [] : findAll(state, text.toLowerCase());
  return withHit({ ...state, search: { text, hits, index: -1 } }, 0);
}

/** Shows the next older (1) or newer (-1) hit. */
export function stepSearch(state: ChatState, by: 1 | -1): ChatState {
  return state.search ? withHit(state, state.search.index + by) : state;
}

/** Shows the last mention; when one is shown, the one before it. */
export function showMention(state: ChatState): ChatState {
  const { mentions, focus } = state;
  const shown = mentions.findIndex((spot) => spot.entry === focus?.entry);
  const older = shown > 0 ? mentions.slice(0, shown) : mentions;
  const spot = older.findLast((one) => entryAt(state, one) !== undefined);
  return spot ? look(state, spot) : state;
}

/** The entry at a spot; undefined when it was dropped. */
export function entryAt(state: ChatState, { place, entry }: Spot): Entry | undefined {
  return findThread(state, place)?.entries.findLast(({ id }) => id === entry);
}

function withHit(state: ChatState, index: number): ChatState {
  const { search: current } = state;
  const hit = current?.hits[index];
  return current && hit ? { ...look(state, hit), search: { ...current, index } } : state;
}

function look(state: ChatState, spot: Spot): ChatState {
  return { ...show(state, spot.place), focus: spot };
}

function findAll({ threads }: ChatState, text: string): Spot[] {
  const hits = threads.flatMap(({ id: place, entries }) => {
    const found: Spot[] = [];
    for (let index = entries.length - 1; index >= 0 && found.length < MAX_HITS; index--) {
      const entry = entries[index];
      if (entry && holds(entry, text)) found.push({ place, entry: entry.id });
    }
    return found;
  });
  return hits.sort((a, b) => b.entry - a.entry).slice(0, MAX_HITS);
}

function holds(entry: Entry, text: string): boolean {
  switch (entry.type) {
    case 'message':
      return entry.text.toLowerCase().includes(text) || entry.sender.toLowerCase().includes(text);
    case 'file':
      return entry.name.toLowerCase().includes(text);
    case 'notice':
    case 'presence':
      return false;
  }
}
