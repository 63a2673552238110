import type { PlaceId } from '../entries/place.js';
import { MAX_MENTIONS, peopleIn, type ChatState } from './chatState.js';
import type { Thread } from '../entries/thread.js';

/** True when the text contains the user's name or a highlight as a whole word, in any case. */
export function isMention({ self, highlights }: ChatState, text: string): boolean {
  return wordRanges(text, [self, ...highlights]).length > 0;
}

/** Where the words stand in a text, as whole words, in any case. */
export function wordRanges(
  text: string,
  words: readonly string[],
): readonly (readonly [start: number, end: number])[] {
  const lower = text.toLowerCase();
  const ranges: [number, number][] = [];
  for (const word of words) {
    const wanted = word.toLowerCase();
    if (wanted === '') continue;
    for (let index = lower.indexOf(wanted); index >= 0; index = lower.indexOf(wanted, index + 1)) {
      const end = index + wanted.length;
      const around = `${lower[index - 1] ?? ' '}${lower[end] ?? ' '}`;
      if (!/[\p{L}\p{N}_]/u.test(around)) ranges.push([index, end]);
    }
  }
  return ranges.sort(([a], [b]) => a - b);
}

/** The state with a mention remembered. */
export function withMention(state: ChatState, place: PlaceId, entry: number): ChatState {
  return { ...state, mentions: [...state.mentions, { place, entry }].slice(-MAX_MENTIONS) };
}

/** True when joins and leaves are shown in a place. */
export function showsJoins(state: ChatState, thread: Thread): boolean {
  const chosen = state.joinsShown.get(thread.id);
  if (chosen !== undefined) return chosen;
  return (peopleIn(state, thread)?.size ?? 0) <= state.hideJoinsAbove;
}
