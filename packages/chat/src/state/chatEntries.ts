import type { FileChange } from './chatEvent.js';
import { changeThread, findThread, withinLimit, type ChatState } from './chatState.js';
import type { Entry, FileEntry, NoticeEntry } from '../entries/entry.js';
import type { PlaceId } from '../entries/place.js';
import { withChanged, withEntry, type Thread } from '../entries/thread.js';

/** Adds a notice, by default to the thread that is shown. */
export function addNotice(
  state: ChatState,
  tone: NoticeEntry['tone'],
  text: string,
  at: Date,
  place: PlaceId = state.shown,
): ChatState {
  const id = findThread(state, place) ? place : state.shown;
  return addEntry(state, id, { type: 'notice', id: state.nextEntry, at, tone, text });
}

export function addEntry(state: ChatState, id: PlaceId, entry: Entry): ChatState {
  return withinLimit({
    ...changeThread(state, id, (thread) => withEntry(thread, entry)),
    nextEntry: Math.max(state.nextEntry, entry.id + 1),
  });
}

export function changeFile(state: ChatState, number: number, change: FileChange): ChatState {
  const found = findFile(state, (file) => file.number === number);
  if (found === undefined) return state;
  const { status, bytes, totalBytes, note } = change;
  return changeThread(state, found.thread.id, (thread) =>
    withChanged(thread, found.file.id, (entry) => ({
      ...entry,
      status,
      ...(bytes !== undefined && { bytes }),
      ...(totalBytes !== undefined && { totalBytes }),
      ...(note !== undefined && { note }),
    })),
  );
}

/** The newest file entry that matches, with its thread. */
export function findFile(
  state: ChatState,
  isWanted: (file: FileEntry) => boolean,
): { readonly thread: Thread; readonly file: FileEntry } | undefined {
  let found: { thread: Thread; file: FileEntry } | undefined;
  for (const thread of state.threads) {
    for (const entry of thread.entries) {
      if (entry.type !== 'file' || !isWanted(entry)) continue;
      if (found === undefined || entry.number > found.file.number) found = { thread, file: entry };
    }
  }
  return found;
}
