import { placeId, type Place, type PlaceId } from '../entries/place.js';
import { LOBBY_THREAD, newThread, withoutOldest, type Thread } from '../entries/thread.js';
import type { ThemeName } from '../commands/themeNames.js';

/** Beyond this number the longest idle thread is dropped when another user writes. */
export const MAX_DM_THREADS = 100;
/** Rooms and names kept for completion. */
export const MAX_KNOWN = 10_000;

/** All scrollback together drops its oldest entries beyond this. */
export const MAX_SCROLLBACK_BYTES = 64_000_000;
/** Mentions that are remembered. */
export const MAX_MENTIONS = 200;

/** An entry to look at. */
export interface Spot {
  readonly place: PlaceId;
  readonly entry: number;
}

/** A search through all places, newest first. */
export interface Search {
  readonly text: string;
  readonly hits: readonly Spot[];
  /** The hit that is shown; -1 without any. */
  readonly index: number;
}

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
  /** About the bytes of all entries. */
  readonly scrollbackBytes: number;
  /** Names whose messages are not shown. */
  readonly ignored: ReadonlySet<string>;
  /** Places that never call the user. */
  readonly muted: ReadonlySet<PlaceId>;
  /** Places whose joins and leaves are shown or hidden whatever their size. */
  readonly joinsShown: ReadonlyMap<PlaceId, boolean>;
  /** Joins and leaves are hidden in places with more people than this. */
  readonly hideJoinsAbove: number;
  /** Words that count as mentions, beside the user's name. */
  readonly highlights: readonly string[];
  /** Own commands: what each stands for. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Servers of the configuration, for `/connect`. */
  readonly profiles: readonly string[];
  /** The last mentions, oldest first. */
  readonly mentions: readonly Spot[];
  readonly search: Search | undefined;
  /** The entry that the user asked to see. */
  readonly focus: Spot | undefined;
  readonly nextEntry: number;
  readonly nextFile: number;
}

export interface ChatStart {
  readonly self: string;
  readonly server: string;
  readonly theme: ThemeName;
  readonly bell: boolean;
  readonly ignored?: Iterable<string>;
  readonly muted?: Iterable<PlaceId>;
  /** Default: no limit. */
  readonly hideJoinsAbove?: number;
  readonly highlights?: readonly string[];
  readonly aliases?: Iterable<readonly [name: string, line: string]>;
  readonly profiles?: readonly string[];
}

export function startState(start: ChatStart): ChatState {
  return {
    self: start.self,
    server: start.server,
    theme: start.theme,
    bell: start.bell,
    ignored: new Set(start.ignored),
    muted: new Set(start.muted),
    joinsShown: new Map(),
    hideJoinsAbove: start.hideJoinsAbove ?? Infinity,
    highlights: start.highlights ?? [],
    aliases: new Map(start.aliases),
    profiles: start.profiles ?? [],
    mentions: [],
    search: undefined,
    focus: undefined,
    scrollbackBytes: 0,
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
    case 'visitors':
      return undefined;
  }
}

/** The state with a thread for the place, at its position. */
export function withThread(state: ChatState, place: Place): ChatState {
  const id = placeId(place);
  if (findThread(state, id)) return state;
  const threads = [...state.threads];
  let { scrollbackBytes } = state;
  if (place.kind === 'dm' || place.kind === 'visitors') {
    const dms = threads.filter((thread) => thread.place.kind === 'dm');
    if (dms.length >= MAX_DM_THREADS) {
      const dropped = quietest(dms, state.shown);
      threads.splice(threads.indexOf(dropped), 1);
      scrollbackBytes -= dropped.bytes;
    }
    threads.push(newThread(place));
  } else {
    const firstDm = threads.findIndex(({ place: { kind } }) => kind === 'dm' || kind === 'visitors');
    threads.splice(firstDm < 0 ? threads.length : firstDm, 0, newThread(place));
  }
  return { ...state, threads, scrollbackBytes };
}

/** Replaces the thread of a place by the result of `change`. */
export function changeThread(state: ChatState, id: PlaceId, change: (thread: Thread) => Thread): ChatState {
  const index = state.threads.findIndex((thread) => thread.id === id);
  const thread = state.threads[index];
  if (thread === undefined) return state;
  const changed = change(thread);
  if (changed === thread) return state;
  const scrollbackBytes = state.scrollbackBytes - thread.bytes + changed.bytes;
  return { ...state, threads: state.threads.with(index, changed), scrollbackBytes };
}

/** The state with this thread shown and marked as read. */
export function show(state: ChatState, id: PlaceId): ChatState {
  if (!findThread(state, id)) return state;
  let shown = state;
  if (state.shown !== id) {
    shown = changeThread(shown, state.shown, (thread) => ({ ...thread, newFrom: undefined }));
  }
  shown = changeThread(shown, id, (thread) => ({ ...thread, unread: 0, isMentioned: false }));
  return { ...shown, shown: id, focus: undefined };
}

/** The state without the thread of a place. The lobby cannot be removed. */
export function withoutThread(state: ChatState, id: PlaceId): ChatState {
  if (id === 'lobby') return state;
  const index = state.threads.findIndex((thread) => thread.id === id);
  if (index < 0) return state;
  const threads = state.threads.toSpliced(index, 1);
  const scrollbackBytes = state.scrollbackBytes - (state.threads[index]?.bytes ?? 0);
  if (state.shown !== id) return { ...state, threads, scrollbackBytes };
  return show(
    { ...state, threads, scrollbackBytes },
    threads[Math.min(index, threads.length - 1)]?.id ?? 'lobby',
  );
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

/** Drops the oldest entries of the largest places until all scrollback fits. */
export function withinLimit(state: ChatState, limit = MAX_SCROLLBACK_BYTES): ChatState {
  let after = state;
  while (after.scrollbackBytes > limit) {
    const largest = after.threads.reduce((one, other) => (other.bytes > one.bytes ? other : one));
    if (largest.entries.length < 2) break;
    // Some at once, so that a full scrollback is not copied for each message.
    const count = Math.max(1, Math.floor(largest.entries.length / 100));
    after = changeThread(after, largest.id, (thread) => withoutOldest(thread, count));
  }
  return after;
}
