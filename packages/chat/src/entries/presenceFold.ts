import type { Entry, PresenceChange, PresenceEntry } from './entry.js';

/** A folded entry names up to this many; beyond it only their number is shown. */
const MAX_NAMED = 3;
/** Names kept in an entry; of the others only the number is known. */
export const MAX_KEPT_NAMES = 500;

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
    names: names.length < MAX_KEPT_NAMES ? [...names, change] : names,
  };
}

/** True when `presenceText` shows numbers in place of names. */
export function isFolded({ joined, left }: PresenceEntry): boolean {
  return joined + left > MAX_NAMED;
}

/** The entry as text: the names, or their number when there are many and `isUnfolded` is false. */
export function presenceText(entry: PresenceEntry, isUnfolded = false): string {
  const { joined, left, names } = entry;
  if (isFolded(entry)) {
    if (isUnfolded) return unfolded(entry);
    return [joined > 0 ? `${joined} joined` : '', left > 0 ? `${left} left` : ''].filter(Boolean).join(', ');
  }
  return names.map(({ name, change }) => `${name} ${change}`).join(', ');
}

/** Runs of the same change share its word: `a, b joined; a left; c joined`. */
function unfolded({ joined, left, names }: PresenceEntry): string {
  const runs: string[] = [];
  let run: string[] = [];
  names.forEach(({ name, change }, index) => {
    run.push(name);
    if (names[index + 1]?.change === change) return;
    runs.push(`${run.join(', ')} ${change}`);
    run = [];
  });
  const more = joined + left - names.length;
  return runs.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
