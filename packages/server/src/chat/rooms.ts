import type { RoomSummary } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { PasswordHash } from './passwords.js';
import type { User } from '../users/user.js';

/** A room; an open one has no password. */
export interface Room {
  readonly name: string;
  readonly password: PasswordHash | undefined;
  /** In the order of joining. */
  readonly members: ReadonlySet<User>;
  /** The address, from `addressGroup`, of the user who created it. */
  readonly createdFrom: string;
}

interface KeptRoom extends Room {
  readonly members: Set<User>;
  /** When the last member left. */
  emptySince: number;
}

/**
 * All rooms and their members. An empty room is kept for a while, a protected one longer, so that its
 * password outlives a night.
 */
export class Rooms {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: CurrentOptions;
  readonly #rooms = new Map<string, KeptRoom>();
  readonly #roomsOf = new Map<User, Set<KeptRoom>>();
  readonly #lastJoinedBy = new Map<User, Room>();

  constructor(clock: Pick<Clock, 'now'>, options: CurrentOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#rooms.size;
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /**
   * Creates a room that does not exist yet. At a limit it replaces the room that has been empty for longest, open rooms
   * before those with a password. An address at its own limit can replace only its own rooms: otherwise it could remove
   * another's room, create it again and listen to the users who return. Returns the limit if no room is empty.
   */
  create(name: string, address: string, password?: PasswordHash): Room | 'rooms' | 'roomsPerAddress' {
    const { maxRooms, maxRoomsPerAddress } = this.#options.current;
    const own = [...this.#rooms.values()].filter(({ createdFrom }) => createdFrom === address);
    if (own.length >= maxRoomsPerAddress && !this.#makeWay(own)) return 'roomsPerAddress';
    if (this.#rooms.size >= maxRooms && !this.#makeWay(this.#rooms.values())) return 'rooms';
    const room: KeptRoom = {
      name,
      password,
      members: new Set(),
      createdFrom: address,
      emptySince: this.#clock.now(),
    };
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
    this.#lastJoinedBy.set(user, room);
  }

  remove(user: User, name: string): void {
    const room = this.#rooms.get(name);
    const rooms = this.#roomsOf.get(user);
    if (room === undefined || rooms === undefined) return;
    this.#removeMember(room, user);
    rooms.delete(room);
    if (rooms.size === 0) this.#roomsOf.delete(user);
    if (this.#lastJoinedBy.get(user) === room) this.#lastJoinedBy.delete(user);
  }

  /** Removes a room without members. */
  delete(name: string): void {
    if (this.#rooms.get(name)?.members.size === 0) this.#rooms.delete(name);
  }

  /** Returns the rooms that the user was in. */
  removeFromAll(user: User): readonly Room[] {
    const rooms = [...(this.#roomsOf.get(user) ?? [])];
    for (const room of rooms) this.#removeMember(room, user);
    this.#roomsOf.delete(user);
    this.#lastJoinedBy.delete(user);
    return rooms;
  }

  /** The number of rooms that the user is in. */
  countOf(user: User): number {
    return this.#roomsOf.get(user)?.size ?? 0;
  }

  /** The room that the user joined last, unless they have left it. */
  lastJoinedBy(user: User): Room | undefined {
    return this.#lastJoinedBy.get(user);
  }

  summaries(): RoomSummary[] {
    return [...this.#rooms.values()].map(({ name, members, password }) => ({
      name,
      users: members.size,
      isProtected: password !== undefined,
    }));
  }

  /** Removes rooms that have been empty for too long. Call it regularly. */
  forgetEmpty(): void {
    const { emptyRoomTimeout, protectedRoomTimeout } = this.#options.current;
    const now = this.#clock.now();
    for (const { name, members, password, emptySince } of this.#rooms.values()) {
      const seconds = password === undefined ? emptyRoomTimeout : protectedRoomTimeout;
      if (members.size === 0 && now - emptySince >= seconds * 1000) this.#rooms.delete(name);
    }
  }

  #removeMember(room: KeptRoom, user: User): void {
    room.members.delete(user);
    if (room.members.size === 0) room.emptySince = this.#clock.now();
  }

  #makeWay(rooms: Iterable<KeptRoom>): boolean {
    let oldest: KeptRoom | undefined;
    for (const room of rooms) {
      if (room.members.size === 0 && (oldest === undefined || makesWayBefore(room, oldest))) oldest = room;
    }
    return oldest !== undefined && this.#rooms.delete(oldest.name);
  }
}

function makesWayBefore(room: KeptRoom, other: KeptRoom): boolean {
  const isOpen = room.password === undefined;
  return isOpen === (other.password === undefined) ? room.emptySince < other.emptySince : isOpen;
}
