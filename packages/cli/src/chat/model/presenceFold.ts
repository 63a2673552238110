import type { Entry, PresenceChange, PresenceEntry } from './entry.js';

/** So many are told by name; of more, only how many. */
const MAX_NAMED = 3;

export function isPresence(entry: Entry): entry is PresenceEntry {
  return entry.type === 'presence';
}

/** One more join or leave, in the entry of those right before it. */
export function foldPresence(
  before: PresenceEntry | undefined,
  change: PresenceChange,
  at: Date,
  id = 0,
): PresenceEntry {
  const { joined, left, names } = before ?? { joined: 0, left: 0, names: [] };
  return {
    type: 'presence',
    id: before?.id ?? id,
    at,
    joined: joined + (change.change === 'joined' ? 1 : 0),
    left: left + (change.change === 'left' ? 1 : 0),
    names: names.length < MAX_NAMED ? [...names, change] : names,
  };
}

/** In words: who, when they are few, or how many. */
export function presenceText({ joined, left, names }: PresenceEntry): string {
  if (joined + left > MAX_NAMED) {
    return [joined > 0 ? `${joined} joined` : '', left > 0 ? `${left} left` : ''].filter(Boolean).join(', ');
  }
  return names.map(({ name, change }) => `${name} ${change}`).join(', ');
}
