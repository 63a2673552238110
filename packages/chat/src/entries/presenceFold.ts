import type { Entry, PresenceChange, PresenceEntry } from './entry.js';

/** Up to this many are named; beyond it only their number is shown. */
const MAX_NAMED = 3;

export function isPresence(entry: Entry): entry is PresenceEntry {
  return entry.type === 'presence';
}

/** Adds a join or leave to the entry of those directly before it. */
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

/** The entry as text: the names, or their number. */
export function presenceText({ joined, left, names }: PresenceEntry): string {
  if (joined + left > MAX_NAMED) {
    return [joined > 0 ? `${joined} joined` : '', left > 0 ? `${left} left` : ''].filter(Boolean).join(', ');
  }
  return names.map(({ name, change }) => `${name} ${change}`).join(', ');
}
