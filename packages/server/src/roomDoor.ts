import { isRoomName, type ClientRequest, type Generation } from '@quietroom/protocol';
import type { Announcer } from './announcer.js';
import type { LiveOptions } from './liveOptions.js';
import { isPasswordTooLong, Passwords, type PasswordHash } from './passwords.js';
import type { PasswordTries } from './passwordTries.js';
import type { RefusalReason, Refusals } from './refusals.js';
import type { Room, Rooms } from './rooms.js';
import type { ServerEvents } from './serverEvents.js';
import type { User } from './user.js';

export interface RoomDoorContext {
  readonly generation: Generation;
  readonly options: LiveOptions;
  readonly rooms: Rooms;
  readonly tries: PasswordTries;
  readonly announcer: Announcer;
  readonly refusals: Refusals;
  readonly events: ServerEvents;
}

type JoinRequest = Extract<ClientRequest, { type: 'join' }>;

/** Who gets into a room: names, passwords and how often they may be tried, and how many rooms there may be. */
export class RoomDoor {
  readonly #context: RoomDoorContext;
  readonly #passwords = new Passwords();

  constructor(context: RoomDoorContext) {
    this.#context = context;
  }

  /** The user's next request must wait for the promise, if there is one. */
  join(user: User, { room: name, password }: JoinRequest): void | Promise<void> {
    const { rooms, announcer, generation, options } = this.#context;
    if (!isRoomName(name)) return announcer.refuse(user, { reason: 'roomNameInvalid' });
    const room = rooms.get(name);
    if (!room?.members.has(user) && !this.#mayJoinMore(user)) return;
    if (room !== undefined) return this.#joinExisting(user, room, password);

    const { maxRoomNameBytes } = options.current;
    if (Buffer.byteLength(name) > maxRoomNameBytes) {
      this.#refuse(user, 'roomName', `The name of a room may have at most ${maxRoomNameBytes} bytes.`);
      return announcer.refuse(user, { reason: 'roomNameInvalid' });
    }
    if (password === '') return this.#create(user, name);
    if (generation === '1.2' && isPasswordTooLong(password)) {
      return announcer.refuse(user, { reason: 'passwordTooLong' });
    }
    return this.#createProtected(user, name, password);
  }

  #joinExisting(user: User, room: Room, password: string): void | Promise<void> {
    const { announcer, tries } = this.#context;
    if (room.password === undefined) return this.#enter(user, room, 'joinedRoom');
    if (password === '') return announcer.refuse(user, { reason: 'passwordRequired', room: room.name });
    const delayMs = tries.begin(user, room.name);
    if (delayMs !== undefined) return this.#joinProtected(user, room, room.password, password, delayMs);
    const minutes = Math.ceil(this.#context.options.current.passwordLockout / 60);
    this.#refuse(user, 'passwordTries', `Too many wrong passwords. Try again in ${minutes} minutes.`);
    announcer.refuse(user, { reason: 'passwordWrong', room: room.name });
  }

  async #joinProtected(
    user: User,
    room: Room,
    hash: PasswordHash,
    password: string,
    delayMs: number,
  ): Promise<void> {
    const { announcer, tries, refusals } = this.#context;
    if (delayMs > 0) await user.pause(delayMs);
    const isCorrect = await this.#passwords.isCorrect(password, hash);
    if (!isCorrect) refusals.add('passwordWrong', user.address);
    if (!user.isOnline) return;
    if (!isCorrect) return announcer.refuse(user, { reason: 'passwordWrong', room: room.name });
    tries.correct(user, room.name);
    // Meanwhile the room may have been empty for too long, and another one may have its name.
    const now = this.#context.rooms.get(room.name);
    if (now === room) return this.#enter(user, room, 'joinedRoom');
    await this.join(user, { type: 'join', room: room.name, password });
  }

  async #createProtected(user: User, name: string, password: string): Promise<void> {
    const hash = await this.#passwords.hash(password);
    if (!user.isOnline) return;
    // Meanwhile somebody else may have made it.
    const room = this.#context.rooms.get(name);
    if (room !== undefined) return this.#joinExisting(user, room, password);
    this.#create(user, name, hash);
  }

  #create(user: User, name: string, hash?: PasswordHash): void {
    const { rooms, announcer } = this.#context;
    const room = rooms.create(name, hash);
    if (room !== undefined) return this.#enter(user, room, 'createdRoom');
    this.#refuse(user, 'rooms', `There are ${rooms.size} rooms, and no more are allowed.`);
    announcer.refuse(user, { reason: 'joinUsage' });
  }

  #enter(user: User, room: Room, answer: 'createdRoom' | 'joinedRoom'): void {
    const { rooms, announcer, events } = this.#context;
    const isNew = !room.members.has(user);
    rooms.add(user, room.name);
    announcer.tell([user], { type: answer, room: room.name });
    announcer.tell(room.members, { type: 'roomJoined', name: user.name, room: room.name });
    if (isNew) events.joined.call(user.name, room.name);
  }

  #mayJoinMore(user: User): boolean {
    const { rooms, announcer, options } = this.#context;
    const { maxRoomsPerClient } = options.current;
    if (rooms.countOf(user) < maxRoomsPerClient) return true;
    this.#refuse(
      user,
      'roomsPerClient',
      `You are in ${rooms.countOf(user)} rooms, and no more are allowed. Leave one first.`,
    );
    announcer.refuse(user, { reason: 'joinUsage' });
    return false;
  }

  /** Says why; the refusal in words that clients know follows, so that none of them waits for an answer. */
  #refuse(user: User, reason: RefusalReason, why: string): void {
    this.#context.refusals.add(reason, user.address);
    this.#context.announcer.tell([user], { type: 'notice', text: `*** ${why} ***` });
  }
}
