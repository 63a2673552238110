import { placeId, type Place, type PlaceId } from '../entries/place.js';
import { LOBBY_THREAD, newThread, type Thread } from '../entries/thread.js';
import type { ThemeName } from '../commands/themeNames.js';

/** Beyond this number the longest idle thread is dropped when another user writes. */
export const MAX_DM_THREADS = 100;
/** Rooms and names kept for completion. */
export const MAX_KNOWN = 10_000;

export type ConnectionStatus =
  | { readonly type: 'connected' }
  | { readonly type: 'reconnecting'; readonly attempt: number; readonly reason: string }
  | { readonly type: 'disconnected'; readonly reason: string | undefined };

/** The whole state of the chat. Immutable: each event produces a new one. */
export interface ChatState {
  /** The user's name. */
  readonly self: string;
  readonly server: string;
  readonly connection: ConnectionStatus;
  /** The last round trip, in seconds. */
  readonly roundTrip: number | undefined;
  /** The lobby, then rooms, then direct messages. */
  readonly threads: readonly Thread[];
  readonly shown: PlaceId;
  /** The known users of the server. */
  readonly online: ReadonlySet<string>;
  /** The server lists only some of its users: those missing from `online` may be online. */
  readonly isOnlinePartial: boolean;
  /** The known rooms of the server. */
  readonly knownRooms: ReadonlySet<string>;
  readonly theme: ThemeName;
  readonly bell: boolean;
  readonly nextEntry: number;
  readonly nextFile: number;
}

export interface ChatStart {
  readonly self: string;
  readonly server: string;
  readonly theme: ThemeName;
  readonly bell: boolean;
}

export function startState(start: ChatStart): ChatState {
  return {
    ...start,
    connection: { type: 'connected' },
    roundTrip: undefined,
    threads: [LOBBY_THREAD],
    shown: 'lobby',
    online: new Set(),
    isOnlinePartial: false,
    knownRooms: new Set(),
    nextEntry: 1,
    nextFile: 1,
  };
}

export function findThread(state: ChatState, id: PlaceId): Thread | undefined {
  return state.threads.find((thread) => thread.id === id);
}

export function shownThread(state: ChatState): Thread {
  return findThread(state, state.shown) ?? LOBBY_THREAD;
}

/** Whether a user is online; undefined when unknown. */
export function isOnline({ online, isOnlinePartial }: ChatState, name: string): boolean | undefined {
  if (online.has(name)) return true;
  return isOnlinePartial ? undefined : false;
}

/** The recipients of messages to this place; undefined when unknown. */
export function peopleIn(state: ChatState, thread: Thread): ReadonlySet<string> | undefined {
  switch (thread.place.kind) {
    case 'lobby':
      return state.online.size > 0 ? state.online : undefined;
    case 'room':
      return thread.members;
    case 'dm':
      return undefined;
  }
}

/** The state with a thread for the place, at its position. */
export function withThread(state: ChatState, place: Place): ChatState {
  const id = placeId(place);
  if (findThread(state, id)) return state;
  const threads = [...state.threads];
  if (place.kind === 'dm') {
    const dms = threads.filter((thread) => thread.place.kind === 'dm');
    if (dms.length >= MAX_DM_THREADS) threads.splice(threads.indexOf(quietest(dms, state.shown)), 1);
    threads.push(newThread(place));
  } else {
    const firstDm = threads.findIndex((thread) => thread.place.kind === 'dm');
    threads.splice(firstDm < 0 ? threads.length : firstDm, 0, newThread(place));
  }
  return { ...state, threads };
}

/** Replaces the thread of a place by the result of `change`. */
export function changeThread(state: ChatState, id: PlaceId, change: (thread: Thread) => Thread): ChatState {
  const index = state.threads.findIndex((thread) => thread.id === id);
  const thread = state.threads[index];
  if (thread === undefined) return state;
  const changed = change(thread);
  return changed === thread ? state : { ...state, threads: state.threads.with(index, changed) };
}

/** The state with this thread shown and marked as read. */
export function show(state: ChatState, id: PlaceId): ChatState {
  if (!findThread(state, id)) return state;
  let shown = state;
  if (state.shown !== id) {
    shown = changeThread(shown, state.shown, (thread) => ({ ...thread, newFrom: undefined }));
  }
  shown = changeThread(shown, id, (thread) => ({ ...thread, unread: 0, isMentioned: false }));
  return { ...shown, shown: id };
}

/** The state without the thread of a place. The lobby cannot be removed. */
export function withoutThread(state: ChatState, id: PlaceId): ChatState {
  if (id === 'lobby') return state;
  const index = state.threads.findIndex((thread) => thread.id === id);
  if (index < 0) return state;
  const threads = state.threads.toSpliced(index, 1);
  if (state.shown !== id) return { ...state, threads };
  return show({ ...state, threads }, threads[Math.min(index, threads.length - 1)]?.id ?? 'lobby');
}

function quietest(dms: readonly Thread[], shown: PlaceId): Thread {
  const others = dms.filter((thread) => thread.id !== shown);
  return others.reduce(
    (quiet, thread) => (lastId(thread) < lastId(quiet) ? thread : quiet),
    others[0] ?? LOBBY_THREAD,
  );
}

function lastId({ entries }: Thread): number {
  return entries.at(-1)?.id ?? 0;
}
