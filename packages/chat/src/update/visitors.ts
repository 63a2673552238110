import { entryBytes } from '../entries/entry.js';
import { VISITORS } from '../entries/place.js';
import { MAX_ENTRIES, type Thread } from '../entries/thread.js';
import {
  changeThread,
  isOnline,
  withoutThread,
  withThread,
  type ChatState,
  type Spot,
} from '../state/chatState.js';

/** Names of short-lived commands end in a hyphen and four of these characters. */
const SHORT_LIVED = /^.+-[a-km-np-z2-9]{4}$/;

/**
 * Moves what short-lived names wrote into one thread, `Visitors`, once they are offline and were not answered, so that
 * each does not leave a thread.
 */
export function collectVisitors(state: ChatState): ChatState {
  return state.threads.filter((thread) => isOver(state, thread)).reduce(moveToVisitors, state);
}

function isOver(state: ChatState, { id, place, entries }: Thread): boolean {
  return (
    place.kind === 'dm' &&
    id !== state.shown &&
    SHORT_LIVED.test(place.name) &&
    isOnline(state, place.name) === false &&
    entries.every((entry) => entry.type === 'presence' || (entry.type === 'message' && !entry.own))
  );
}

function moveToVisitors(state: ChatState, thread: Thread): ChatState {
  const messages = thread.entries.filter((entry) => entry.type === 'message');
  const opened = withThread(withoutThread(state, thread.id), VISITORS);
  const moved = changeThread(opened, 'visitors', (visitors) => {
    const entries = [...visitors.entries, ...messages].sort((a, b) => a.id - b.id).slice(-MAX_ENTRIES);
    return {
      ...visitors,
      entries,
      bytes: entries.reduce((sum, entry) => sum + entryBytes(entry), 0),
      unread: state.shown === 'visitors' ? 0 : visitors.unread + thread.unread,
      isMentioned: visitors.isMentioned || thread.isMentioned,
      newFrom: visitors.newFrom ?? thread.newFrom,
    };
  });
  const mentions = state.mentions.map((spot): Spot =>
    spot.place === thread.id ? { ...spot, place: 'visitors' } : spot,
  );
  return { ...moved, mentions };
}
