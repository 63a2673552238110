import type { RoomSummary } from '@quietroom/protocol';
import type { Clock } from '../time/clock.js';
import type { LiveOptions } from '../options/reloadableOptions.js';
import type { PasswordHash } from './passwords.js';
import type { User } from '../users/user.js';

/** A room; an open one has no password. */
export interface Room {
  readonly name: string;
  readonly password: PasswordHash | undefined;
  /** In the order of their joining. */
  readonly members: ReadonlySet<User>;
}

interface KeptRoom extends Room {
  readonly members: Set<User>;
  /** When the last member left. */
  emptySince: number;
}

/**
 * All rooms and who is in them. An empty room is kept for a time, a protected one longer, so that its
 * password outlives a night.
 */
export class Rooms {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: LiveOptions;
  readonly #rooms = new Map<string, KeptRoom>();
  readonly #roomsOf = new Map<User, Set<KeptRoom>>();
  readonly #lastJoinedBy = new Map<User, Room>();

  constructor(clock: Pick<Clock, 'now'>, options: LiveOptions) {
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
   * Makes a room that is not there yet; undefined when there are `maxRooms` that cannot make way. The open
   * room that has been empty for longest makes way; a protected one does not, because whoever made it anew
   * could listen to those who come back to it.
   */
  create(name: string, password?: PasswordHash): Room | undefined {
    if (this.#rooms.size >= this.#options.current.maxRooms && !this.#makeWay()) return undefined;
    const room = { name, password, members: new Set<User>(), emptySince: this.#clock.now() };
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

  /** Gives the rooms that the user was in. */
  removeFromAll(user: User): readonly Room[] {
    const rooms = [...(this.#roomsOf.get(user) ?? [])];
    for (const room of rooms) this.#removeMember(room, user);
    this.#roomsOf.delete(user);
    this.#lastJoinedBy.delete(user);
    return rooms;
  }

  /** How many rooms the user is in. */
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

  /** Forgets the rooms that have been empty for too long; to be called now and then. */
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

  #makeWay(): boolean {
    let oldest: KeptRoom | undefined;
    for (const room of this.#rooms.values()) {
      if (room.members.size > 0 || room.password !== undefined) continue;
      if (oldest === undefined || room.emptySince < oldest.emptySince) oldest = room;
    }
    return oldest !== undefined && this.#rooms.delete(oldest.name);
  }
}
