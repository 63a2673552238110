import type { RoomSummary } from 'quietroom-connector';

/** More would fill the screen over and over. */
const MAX_LISTED = 200;

/** In order, as people look for them. */
export function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => a.localeCompare(b, 'en'));
}

export function listNames(what: string, names: readonly string[]): string {
  if (names.length === 0) return `${what}: nobody.`;
  const shown = sorted(names).slice(0, MAX_LISTED);
  return `${what} (${names.length}): ${shown.join(', ')}${more(names.length)}`;
}

export function listRooms(rooms: readonly RoomSummary[]): string {
  if (rooms.length === 0) return 'There are no rooms. /join #ROOM makes one.';
  const width = Math.min(24, Math.max(...rooms.map(({ name }) => name.length)));
  const lines = [...rooms]
    .sort((a, b) => b.users - a.users || a.name.localeCompare(b.name, 'en'))
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
