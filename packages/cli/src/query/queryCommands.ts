import type { RoomSummary } from 'quietroom-connector';
import type { ClientConnector } from '../daemon/client/clientConnector.js';
import { readPasswordFile } from '../settings/passwordFile.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { query, type QueryFlags } from './query.js';

/** The options of `quietroom members`. */
export interface MembersFlags extends QueryFlags {
  readonly join?: boolean;
  readonly passwordFile?: string;
}

const DAEMON_MEANING = 'true when a daemon asked';

/** The fields of `--json` and their meaning. */
export const USERS_FIELDS = {
  v: 'version of this format: 1',
  users: 'the names, sorted',
  daemon: DAEMON_MEANING,
} as const;
export const ROOMS_FIELDS = {
  v: 'version of this format: 1',
  rooms:
    'the rooms, sorted: of each `name`, `users` (how many are in it) and `protected` (whether it has a password)',
  daemon: DAEMON_MEANING,
} as const;
export const MEMBERS_FIELDS = {
  v: 'version of this format: 1',
  place: 'the room, or "lobby"',
  members: 'the names, sorted',
  daemon: DAEMON_MEANING,
} as const;

/** Prints the users who are online, without the command's own name. */
export async function users(flags: QueryFlags): Promise<void> {
  await query(flags, async (connector, usesDaemon, signal) => {
    const names = others(connector, usesDaemon, await connector.listUsers({ signal }));
    const json: Record<keyof typeof USERS_FIELDS, unknown> = { v: 1, users: names, daemon: usesDaemon };
    return { json, lines: names };
  });
}

/** Prints the rooms. */
export async function rooms(flags: QueryFlags): Promise<void> {
  await query(flags, async (connector, usesDaemon, signal) => {
    const found = [...(await connector.listRooms({ signal }))].sort((a, b) => compare(a.name, b.name));
    const json: Record<keyof typeof ROOMS_FIELDS, unknown> = {
      v: 1,
      rooms: found.map(({ name, users: count, isProtected }) => ({
        name,
        users: count,
        protected: isProtected,
      })),
      daemon: usesDaemon,
    };
    return { json, lines: roomLines(found) };
  });
}

/** Prints the members of a room or of the lobby, without the command's own name. */
export async function members(place: string, flags: MembersFlags): Promise<void> {
  const { passwordFile } = flags;
  const isJoining = flags.join === true || passwordFile !== undefined;
  if (isJoining && place === 'lobby') {
    throw new Failure(
      EXIT_CODES.usage,
      '--join and --password-file are for a room. See "quietroom members --help".',
    );
  }
  await query(flags, async (connector, usesDaemon, signal) => {
    if (isJoining) {
      const password = passwordFile === undefined ? undefined : readPasswordFile(passwordFile);
      await joinExisting(connector, place, password, signal);
    }
    const names = others(connector, usesDaemon, await connector.listMembers(place, { signal }));
    const json: Record<keyof typeof MEMBERS_FIELDS, unknown> = {
      v: 1,
      place,
      members: names,
      daemon: usesDaemon,
    };
    return { json, lines: names };
  });
}

/** Joining a missing room would create it. */
async function joinExisting(
  connector: ClientConnector,
  room: string,
  password: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const found = await connector.listRooms({ signal });
  if (found.every(({ name }) => name !== room)) {
    throw new Failure(EXIT_CODES.refused, `There is no room ${JSON.stringify(room)}.`);
  }
  await connector.joinRoom(room, password, { signal });
}

/** Without the name that this command took for a moment; that of a daemon is there anyway. */
function others({ username }: ClientConnector, usesDaemon: boolean, names: readonly string[]): string[] {
  return names.filter((name) => usesDaemon || name !== username).sort(compare);
}

function roomLines(found: readonly RoomSummary[]): string[] {
  const width = Math.max(...found.map(({ name }) => name.length));
  return found.map(
    ({ name, users: count, isProtected }) =>
      `${name.padEnd(width)}  ${count} ${count === 1 ? 'user' : 'users'}${isProtected ? ', password' : ''}`,
  );
}

/** Sorts independently of the locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
