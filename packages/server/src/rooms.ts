import type { Generation, RoomSummary } from '@quietroom/protocol';
import type { PasswordHash } from './passwords.js';
import type { User } from './user.js';

/** A room; an open one has no password. */
export interface Room {
  readonly name: string;
  readonly password: PasswordHash | undefined;
  /** In the order of their joining. */
  readonly members: ReadonlySet<User>;
}

interface KeptRoom extends Room {
  readonly members: Set<User>;
}

/**
 * All rooms and who is in them. Rooms are kept for as long as the server runs, so that an empty one keeps its
 * password.
 */
export class Rooms {
  readonly #hasCurrentRooms: boolean;
  readonly #rooms = new Map<string, KeptRoom>();
  readonly #roomsOf = new Map<User, Set<KeptRoom>>();
  readonly #currentOf = new Map<User, Room>();

  /** On 1.1 the room that a user joined last is their current room; on 1.2 nobody has one. */
  constructor(generation: Generation) {
    this.#hasCurrentRooms = generation === '1.1';
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** Makes a room that is not there yet. */
  create(name: string, password?: PasswordHash): Room {
    const room = { name, password, members: new Set<User>() };
    this.#rooms.set(name, room);
    return room;
  }

  add(user: User, name: string): void {
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    room.members.add(user);
    const rooms = this.#roomsOf.get(user);
    if (rooms) rooms.add(room);
    else this.#roomsOf.set(user, new Set([room]));
    if (this.#hasCurrentRooms) this.#currentOf.set(user, room);
  }

  remove(user: User, name: string): void {
    const room = this.#rooms.get(name);
    const rooms = this.#roomsOf.get(user);
    if (room === undefined || rooms === undefined) return;
    room.members.delete(user);
    rooms.delete(room);
    if (rooms.size === 0) this.#roomsOf.delete(user);
    if (this.#currentOf.get(user) === room) this.#currentOf.delete(user);
  }

  removeFromAll(user: User): void {
    for (const room of this.#roomsOf.get(user) ?? []) room.members.delete(user);
    this.#roomsOf.delete(user);
    this.#currentOf.delete(user);
  }

  isInAny(user: User): boolean {
    return this.#roomsOf.has(user);
  }

  currentOf(user: User): Room | undefined {
    return this.#currentOf.get(user);
  }

  summaries(): RoomSummary[] {
    return [...this.#rooms.values()].map(({ name, members, password }) => ({
      name,
      users: members.size,
      isProtected: password !== undefined,
    }));
  }
}
