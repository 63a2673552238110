import { placeId, placeTitle } from '../entries/place.js';
import { showsJoins } from '../state/calls.js';
import type { Step } from '../state/chatEvent.js';
import { findThread, shownThread, type ChatState, type Spot } from '../state/chatState.js';
import { sorted } from '../state/lists.js';
import { done, problem, told } from './outcome.js';
import { entryAt } from './search.js';
import { placeNamed } from './typedPlaces.js';

/** Mentions that `/mentions` lists. */
const LISTED_MENTIONS = 20;

/** Hides what a user writes; without a name lists the ignored ones. */
export function ignore(state: ChatState, name: string | undefined, at: Date): Step {
  if (name === undefined) {
    const names = sorted(state.ignored).join(', ');
    return told(state, names === '' ? 'You ignore no one. /ignore NAME' : `You ignore: ${names}.`, at);
  }
  if (name === state.self) return problem(state, 'You cannot ignore yourself.', at);
  const ignored = new Set(state.ignored).add(name);
  return told({ ...state, ignored }, `What ${name} writes is not shown. /unignore ${name}`, at);
}

export function unignore(state: ChatState, name: string, at: Date): Step {
  if (!state.ignored.has(name)) return problem(state, `${name} is not ignored.`, at);
  const ignored = new Set(state.ignored);
  ignored.delete(name);
  return told({ ...state, ignored }, `What ${name} writes is shown again.`, at);
}

/** Mutes a place, or ends that. */
export function mute(state: ChatState, target: string | undefined, at: Date): Step {
  const thread = target === undefined ? shownThread(state) : findThread(state, placeId(placeNamed(target)));
  if (thread === undefined) return problem(state, `There is no place ${target}.`, at);
  const muted = new Set(state.muted);
  const title = placeTitle(thread.place);
  if (muted.delete(thread.id)) return told({ ...state, muted }, `${title} is not muted.`, at);
  muted.add(thread.id);
  return told({ ...state, muted }, `${title} is muted: no bell, no mention. /mute again ends it.`, at);
}

/** Shows or hides joins and leaves in the shown place. */
export function joins(state: ChatState, on: boolean | undefined, at: Date): Step {
  const thread = shownThread(state);
  const isShown = on ?? !showsJoins(state, thread);
  const joinsShown = new Map(state.joinsShown).set(thread.id, isShown);
  const text = `Joins and leaves in ${placeTitle(thread.place)} are ${isShown ? 'shown' : 'hidden'}.`;
  return told({ ...state, joinsShown }, text, at);
}

/** Lists the last mentions, newest last. */
export function listMentions(state: ChatState, at: Date): Step {
  const lines = state.mentions.flatMap((spot) => mentionLine(state, spot)).slice(-LISTED_MENTIONS);
  if (lines.length === 0) return told(state, 'There is no mention of you.', at);
  return done(told(state, [`Mentions (Alt-M shows them):`, ...lines].join('\n'), at).state);
}

function mentionLine(state: ChatState, spot: Spot): string[] {
  const thread = findThread(state, spot.place);
  const entry = entryAt(state, spot);
  if (thread === undefined || entry?.type !== 'message') return [];
  const minutes = String(entry.at.getMinutes()).padStart(2, '0');
  const time = `${String(entry.at.getHours()).padStart(2, '0')}:${minutes}`;
  return [`  ${time}  ${placeTitle(thread.place)}  ${entry.sender}: ${entry.text.split('\n', 1)[0] ?? ''}`];
}
