/** A room in the server's list. */
export interface RoomSummary {
  readonly name: string;
  readonly users: number;
  readonly isProtected: boolean;
}

/** Longer lists would fill several screens. */
const MAX_LISTED = 200;

const ORDER = new Intl.Collator('en');
const sortedSets = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** Sorts names for people. Sets are never modified, so each is sorted once. */
export function sorted(names: ReadonlySet<string>): readonly string[] {
  let inOrder = sortedSets.get(names);
  if (inOrder === undefined) {
    inOrder = [...names].sort(ORDER.compare);
    sortedSets.set(names, inOrder);
  }
  return inOrder;
}

export function listNames(what: string, names: readonly string[]): string {
  if (names.length === 0) return `${what}: nobody.`;
  const shown = [...names].sort(ORDER.compare).slice(0, MAX_LISTED);
  return `${what} (${names.length}): ${shown.join(', ')}${more(names.length)}`;
}

export function listRooms(rooms: readonly RoomSummary[]): string {
  if (rooms.length === 0) return 'There are no rooms. /join #ROOM makes one.';
  const width = Math.min(24, Math.max(...rooms.map(({ name }) => name.length)));
  const lines = [...rooms]
    .sort((a, b) => b.users - a.users || ORDER.compare(a.name, b.name))
    .slice(0, MAX_LISTED)
    .map(({ name, users, isProtected }) => {
      const people = users === 1 ? '1 person' : `${users} people`;
      return `  ${name.padEnd(width)}  ${people}${isProtected ? ', with a password' : ''}`;
    });
  return [`Rooms (${rooms.length}):`, ...lines].join('\n') + more(rooms.length);
}

function more(count: number): string {
  return count > MAX_LISTED ? ` ... and ${count - MAX_LISTED} more` : '';
}
