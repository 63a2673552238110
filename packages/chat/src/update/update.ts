import type { ChatAction } from '../state/chatAction.js';
import { addEntry, addNotice, changeFile, findFile } from '../state/chatEntries.js';
import type { ChatEvent, Step } from '../state/chatEvent.js';
import {
  changeThread,
  findThread,
  MAX_KNOWN,
  show,
  withoutThread,
  withThread,
  type ChatState,
} from '../state/chatState.js';
import type { Entry, MessageEntry } from '../entries/entry.js';
import { isMention, showsJoins, withMention } from '../state/calls.js';
import { done } from './outcome.js';
import { search, showMention, stepSearch } from './search.js';
import { typed } from './typed.js';
import { collectVisitors } from './visitors.js';
import { placeId, placeTitle, type Place, type PlaceId } from '../entries/place.js';
import { listNames, listRooms } from '../state/lists.js';
import { foldPresence, isPresence } from '../entries/presenceFold.js';
import { withChanged } from '../entries/thread.js';

/** The state after an event, and the actions to perform. A pure function. */
export function update(state: ChatState, event: ChatEvent): Step {
  switch (event.type) {
    case 'message':
      return message(state, event);
    case 'presence':
      return done(collectVisitors(presence(state, event)));
    case 'notice':
      return done(addNotice(state, event.tone, event.text, event.at, event.place));
    case 'connection':
      return connection(state, event);
    case 'roundTrip':
      return done({ ...state, roundTrip: event.seconds });
    case 'online': {
      const online = new Set(event.names.slice(0, MAX_KNOWN));
      const after = { ...state, online, isOnlinePartial: event.isPartial === true };
      if (!event.isAsked) return done(after);
      return done(addNotice(after, 'info', listNames('Online', event.names), event.at));
    }
    case 'members': {
      const members = new Set(event.names.slice(0, MAX_KNOWN));
      const after = changeThread(state, `room:${event.room}`, (thread) => ({ ...thread, members }));
      if (!event.isAsked) return done(after);
      return done(addNotice(after, 'info', listNames(`In ${event.room}`, event.names), event.at));
    }
    case 'rooms': {
      const knownRooms = new Set(event.rooms.slice(0, MAX_KNOWN).map(({ name }) => name));
      const after = { ...state, knownRooms };
      return done(event.isAsked ? addNotice(after, 'info', listRooms(event.rooms), event.at) : after);
    }
    case 'delivery':
      return done(delivered(state, event));
    case 'joined':
      return joined(state, event);
    case 'leftRoom': {
      const after = withoutThread(state, `room:${event.room}`);
      return done(addNotice(after, 'info', `You left ${event.room}.`, event.at));
    }
    case 'fileOffered':
      return fileOffered(state, event);
    case 'file':
      return done(fileChanged(state, event));
    case 'typed':
      return withVisitors(typed(state, event.line, event.at));
    case 'show':
      return done(collectVisitors(show(state, event.place)));
    case 'backlog':
      return done(backlog(state, event));
    case 'search':
      return done(search(state, event.text));
    case 'searchStep':
      return done(stepSearch(state, event.by));
    case 'searchEnd':
      return done({ ...state, search: undefined, focus: undefined });
    case 'mention':
      return done(showMention(state));
    case 'step':
      return done(collectVisitors(step(state, event.by, event.unreadOnly)));
  }
}

function backlog(state: ChatState, { place, messages }: ChatEvent & { type: 'backlog' }): ChatState {
  return messages
    .filter(({ sender }) => !state.ignored.has(sender))
    .reduce(
      (after, one) =>
        addEntry(after, placeId(place), {
          type: 'message',
          id: after.nextEntry,
          own: one.sender === state.self,
          ...one,
        }),
      withThread(state, place),
    );
}

function withVisitors({ state, actions }: Step): Step {
  return { state: collectVisitors(state), actions };
}

function message(state: ChatState, event: ChatEvent & { type: 'message' }): Step {
  const { place, sender, text, at } = event;
  if (state.ignored.has(sender)) return done(state);
  const own = sender === state.self;
  const isMuted = state.muted.has(placeId(place));
  const isMentioned = !own && !isMuted && isMention(state, text);
  const entry: MessageEntry = {
    type: 'message',
    id: state.nextEntry,
    at,
    sender,
    text,
    own,
    ...(isMentioned && { isMention: true }),
  };
  const isCall = !own && !isMuted && (place.kind === 'dm' || isMentioned);
  const after = arrived(state, place, entry, isCall ? { sender, text } : undefined);
  if (!isMentioned) return after;
  return { ...after, state: withMention(after.state, placeId(place), entry.id) };
}

/** Counts a message as unread unless its thread is shown. */
function arrived(
  state: ChatState,
  place: Place,
  entry: Entry,
  call: { readonly sender: string; readonly text: string } | undefined,
): Step {
  const id = placeId(place);
  let after = addEntry(withThread(state, place), id, entry);
  if (state.shown !== id) {
    after = changeThread(after, id, (thread) => ({
      ...thread,
      unread: thread.unread + 1,
      isMentioned: thread.isMentioned || call !== undefined,
      newFrom: thread.newFrom ?? entry.id,
    }));
  }
  const actions: ChatAction[] = call ? [{ type: 'notify', place, ...call }] : [];
  return { state: after, actions };
}

/** Records the outcome of a message; a failure in another place is told in the shown one, too. */
function delivered(state: ChatState, event: ChatEvent & { type: 'delivery' }): ChatState {
  const { place, entry, delivery, note } = event;
  const after = changeThread(state, place, (thread) =>
    withChanged(thread, entry, (found) =>
      found.type === 'message' ? { ...found, delivery, ...(note !== undefined && { note }) } : found,
    ),
  );
  const thread = findThread(after, place);
  if (note === undefined || thread === undefined || place === state.shown) return after;
  return addNotice(after, 'problem', `To ${placeTitle(thread.place)}: ${note}`, event.at);
}

function fileChanged(state: ChatState, event: ChatEvent & { type: 'file' }): ChatState {
  const after = changeFile(state, event.number, event);
  const found = event.status === 'failed' && findFile(after, ({ number }) => number === event.number);
  if (!found || found.thread.id === state.shown) return after;
  const { name, note = '' } = found.file;
  return addNotice(after, 'problem', `File ${event.number}, ${name}, failed. ${note}`.trimEnd(), event.at);
}

function presence(state: ChatState, event: ChatEvent & { type: 'presence' }): ChatState {
  const { name, change, room, at } = event;
  let after = state;
  if (room === undefined) {
    after = { ...after, online: changed(after.online, name, change) };
    // Servers do not announce in rooms that a user has quit or dropped.
    if (change === 'left') {
      const threads = after.threads.map((thread) =>
        thread.members?.has(name) ? { ...thread, members: changed(thread.members, name, 'left') } : thread,
      );
      after = { ...after, threads };
    }
  } else {
    after = changeThread(after, `room:${room}`, (thread) =>
      thread.members ? { ...thread, members: changed(thread.members, name, change) } : thread,
    );
  }

  const places: PlaceId[] = [room === undefined ? 'lobby' : `room:${room}`];
  if (room === undefined) places.push(`dm:${name}`);
  for (const place of places) {
    const thread = findThread(after, place);
    if (thread === undefined || state.ignored.has(name) || !showsJoins(after, thread)) continue;
    const last = thread.entries.at(-1);
    after =
      last !== undefined && isPresence(last)
        ? changeThread(after, place, (found) =>
            withChanged(found, last.id, () => foldPresence(last, { name, change }, at)),
          )
        : addEntry(after, place, foldPresence(undefined, { name, change }, at, after.nextEntry));
  }
  return after;
}

function changed(names: ReadonlySet<string>, name: string, change: 'joined' | 'left'): ReadonlySet<string> {
  if (names.has(name) === (change === 'joined')) return names;
  const after = new Set(names);
  if (change === 'left') after.delete(name);
  else if (after.size < MAX_KNOWN) after.add(name);
  return after;
}

function connection(state: ChatState, { status, at }: ChatEvent & { type: 'connection' }): Step {
  const { connection: previous } = state;
  let after: ChatState = { ...state, connection: status };
  if (status.type === 'connected') {
    if (previous.type !== 'connected') after = addNotice(after, 'info', 'Connected again.', at);
    const rooms = after.threads.flatMap(({ place }) => (place.kind === 'room' ? [place.room] : []));
    return {
      state: after,
      actions: [
        { type: 'listOnline', isAsked: false },
        { type: 'listRooms', isAsked: false },
        ...rooms.flatMap((room): ChatAction[] => [
          // Only a connection that was made anew knows no rooms.
          ...(previous.type === 'disconnected' ? [{ type: 'rejoin', room } as const] : []),
          { type: 'listMembers', room, isAsked: false },
        ]),
      ],
    };
  }
  after = { ...after, roundTrip: undefined };
  if (previous.type === 'connected' && status.reason !== undefined) {
    const next = status.type === 'reconnecting' ? ' Connecting again; what you write waits.' : '';
    after = addNotice(after, 'problem', `${status.reason}${next}`, at);
  }
  return done(after);
}

function joined(state: ChatState, { room, created, at }: ChatEvent & { type: 'joined' }): Step {
  const place: Place = { kind: 'room', room };
  let after = show(withThread(state, place), placeId(place));
  after = { ...after, knownRooms: changed(after.knownRooms, room, 'joined') };
  after = addNotice(after, 'info', created ? `You made ${room}.` : `You joined ${room}.`, at);
  return { state: after, actions: [{ type: 'listMembers', room, isAsked: false }] };
}

function fileOffered(state: ChatState, { sender, name, at }: ChatEvent & { type: 'fileOffered' }): Step {
  const place: Place = { kind: 'dm', name: sender };
  const isCall = !state.ignored.has(sender) && !state.muted.has(placeId(place));
  const entry: Entry = {
    type: 'file',
    id: state.nextEntry,
    at,
    number: state.nextFile,
    direction: 'in',
    name,
    status: 'offered',
    bytes: 0,
    totalBytes: undefined,
  };
  const after = { ...state, nextFile: state.nextFile + 1 };
  return arrived(after, place, entry, isCall ? { sender, text: `offers the file ${name}` } : undefined);
}

function step(state: ChatState, by: 1 | -1, unreadOnly: boolean): ChatState {
  const { threads } = state;
  const index = threads.findIndex((thread) => thread.id === state.shown);
  for (let distance = 1; distance <= threads.length; distance++) {
    const thread = threads[(index + by * distance + threads.length * distance) % threads.length];
    if (thread && (!unreadOnly || (thread.unread > 0 && !state.muted.has(thread.id)))) {
      return show(state, thread.id);
    }
  }
  return state;
}
