import {
  startState,
  type ChatState,
  type ChatAction,
  type ChatEvent,
  type Entry,
  type Place,
  type PlaceId,
  update,
} from '@quietroom/chat';

export const AT = new Date(2026, 2, 4, 12, 30);

const LOBBY: Place = { kind: 'lobby' };
export const BOB: Place = { kind: 'dm', name: 'bob' };

/** The chat of alice, before anything has happened. */
export function start(changes: Partial<ChatState> = {}): ChatState {
  return {
    ...startState({ self: 'alice', server: 'chat.example:37842', theme: 'default', bell: false }),
    ...changes,
  };
}

/** What comes of events, one after the other. */
export function after(state: ChatState, ...events: readonly ChatEvent[]): ChatState {
  return events.reduce((before, event) => update(before, event).state, state);
}

/** What is to be done because of an event. */
export function actions(state: ChatState, event: ChatEvent): readonly ChatAction[] {
  return update(state, event).actions;
}

export function says(sender: string, text: string, place: Place = LOBBY, at = AT): ChatEvent {
  return { type: 'message', place, sender, text, at };
}

export function types(line: string): ChatEvent {
  return { type: 'typed', line, at: AT };
}

export function presence(name: string, change: 'joined' | 'left', room?: string): ChatEvent {
  return { type: 'presence', name, change, room, at: AT };
}

export function joins(room: string): ChatEvent {
  return { type: 'joined', room, created: false, at: AT };
}

export function entries(state: ChatState, id: PlaceId = state.shown): readonly Entry[] {
  return state.threads.find((thread) => thread.id === id)?.entries ?? [];
}

export function lastEntry(state: ChatState, id?: PlaceId): Entry | undefined {
  return entries(state, id).at(-1);
}

/** The text of the last notice that is shown. */
export function lastNotice(state: ChatState): string | undefined {
  const entry = lastEntry(state);
  return entry?.type === 'notice' ? entry.text : undefined;
}

export function unread(state: ChatState): Record<string, number> {
  return Object.fromEntries(state.threads.map((thread) => [thread.id, thread.unread]));
}
