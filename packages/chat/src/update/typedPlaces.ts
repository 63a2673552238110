import { LOBBY, VISITORS, placeId, placeTitle, type Place } from '../entries/place.js';
import type { Step } from '../state/chatEvent.js';
import {
  changeThread,
  findThread,
  isOnline,
  show,
  shownThread,
  withoutThread,
  type ChatState,
} from '../state/chatState.js';
import { done, problem, told } from './outcome.js';

/** Leaves a room, or closes a thread. */
export function leave(state: ChatState, room: string | undefined, at: Date): Step {
  const { place } = room === undefined ? shownThread(state) : { place: { kind: 'room', room } as const };
  switch (place.kind) {
    case 'lobby':
      return problem(state, 'The lobby cannot be left. /quit leaves the chat.', at);
    case 'room':
      return done(state, { type: 'leave', room: place.room });
    case 'dm':
    case 'visitors':
      return done(withoutThread(state, placeId(place)));
  }
}

/** Shows a place by its name. */
export function go(state: ChatState, target: string, at: Date): Step {
  const place = placeNamed(target);
  const id = placeId(place);
  if (findThread(state, id)) return done(show(state, id));
  if (place.kind === 'room') return problem(state, `You are not in ${target}. Join it: /join ${target}`, at);
  return problem(state, `There is no thread with ${target}. Open it: /msg ${target}`, at);
}

export function placeNamed(target: string): Place {
  if (target.toLowerCase() === 'lobby') return LOBBY;
  if (target === placeTitle(VISITORS)) return VISITORS;
  return target.startsWith('#') ? { kind: 'room', room: target } : { kind: 'dm', name: target };
}

/** Closes a thread of direct messages; `dead` closes all that are read, of users who are offline. */
export function close(state: ChatState, target: string | undefined, at: Date): Step {
  if (target === 'dead') {
    const dead = state.threads.filter(
      ({ place, unread, id }) =>
        place.kind === 'dm' && unread === 0 && id !== state.shown && isOnline(state, place.name) === false,
    );
    const after = dead.reduce((one, { id }) => withoutThread(one, id), state);
    return told(
      after,
      dead.length === 1 ? '1 thread was closed.' : `${dead.length} threads were closed.`,
      at,
    );
  }
  const place = target === undefined ? shownThread(state).place : placeNamed(target);
  if (place.kind === 'lobby' || place.kind === 'room') {
    return problem(
      state,
      `${placeTitle(place)} is not a thread of direct messages. /leave leaves a room.`,
      at,
    );
  }
  if (!findThread(state, placeId(place))) return problem(state, `There is no thread with ${target}.`, at);
  return done(withoutThread(state, placeId(place)));
}

/** Drops the entries of the shown place. */
export function clear(state: ChatState): Step {
  return done(
    changeThread(state, state.shown, (thread) => ({ ...thread, entries: [], bytes: 0, newFrom: undefined })),
  );
}
