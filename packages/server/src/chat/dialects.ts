import { isRoomName, type ProtocolVersion, type ServerMessage } from '@quietroom/protocol';
import type { User } from '../users/user.js';
import type { Users } from '../users/users.js';
import type { Room, Rooms } from './rooms.js';

/** Users and rooms, as a dialect looks at them. */
interface Places {
  readonly users: Users;
  readonly rooms: Rooms;
}

/** How a protocol version behaves where versions differ beyond their commands and grammar. */
export interface Dialect {
  /** The room that a user's text goes to when it names none. Undefined: the lobby. */
  currentRoom(rooms: Rooms, user: User): Room | undefined;
  /** The users to whom texts for the lobby go, and joins and leaves. */
  lobbyAudience(places: Places): Iterable<User>;
  /** The reply to `/users`. */
  listUsers(places: Places, user: User): ServerMessage & { type: 'users' };
  /**
   * The room that a text for the lobby was probably meant for: it begins like a message for a room, but has no blank
   * and text after the bracket. Existing servers send it to everyone.
   */
  mistypedRoom(text: string): string | undefined;
  /** Whether a password over 72 bytes for a new room is refused. Otherwise the rest is ignored. */
  readonly refusesLongPasswords: boolean;
}

/** The name runs to the first bracket. */
const ROOM_PREFIX = /^\[(#[^\]]*)\]/;

export const DIALECTS: Readonly<Record<ProtocolVersion, Dialect>> = {
  /** The room that a user joined last is their current one, until they leave it. */
  '1.1': {
    currentRoom: (rooms, user) => rooms.lastJoinedBy(user),
    lobbyAudience: ({ users, rooms }) =>
      [...users.all()].filter((user) => rooms.lastJoinedBy(user) === undefined),
    listUsers(places, user) {
      const room = places.rooms.lastJoinedBy(user);
      const members = room?.members ?? this.lobbyAudience(places);
      return { type: 'users', users: Array.from(members, ({ name }) => name), place: room?.name ?? 'lobby' };
    },
    mistypedRoom: () => undefined,
    refusesLongPasswords: false,
  },
  '1.2': {
    currentRoom: () => undefined,
    lobbyAudience: ({ users }) => users.all(),
    listUsers: ({ users }) => ({ type: 'users', users: users.names() }),
    mistypedRoom(text) {
      const name = ROOM_PREFIX.exec(text)?.[1];
      return name !== undefined && isRoomName(name) ? name : undefined;
    },
    refusesLongPasswords: true,
  },
};
