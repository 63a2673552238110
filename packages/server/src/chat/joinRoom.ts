import { isRoomName, type ClientRequest, type ProtocolVersion } from '@quietroom/protocol';
import type { Broadcaster } from '../users/broadcaster.js';
import type { LiveOptions } from '../options/reloadableOptions.js';
import { isPasswordTooLong, Passwords, type PasswordHash } from './passwords.js';
import type { PasswordAttempts } from '../limits/passwordAttempts.js';
import type { RejectionReason } from '../observe/reasons.js';
import type { Rejections } from '../observe/rejections.js';
import type { Room, Rooms } from './rooms.js';
import type { ServerEvents } from '../observe/events.js';
import type { User } from '../users/user.js';

export interface RoomJoinContext {
  readonly generation: ProtocolVersion;
  readonly options: LiveOptions;
  readonly rooms: Rooms;
  readonly tries: PasswordAttempts;
  readonly broadcaster: Broadcaster;
  readonly rejections: Rejections;
  readonly events: ServerEvents;
}

type JoinRequest = Extract<ClientRequest, { type: 'join' }>;

/** Who gets into a room: names, passwords and how often they may be tried, and how many rooms there may be. */
export class RoomJoin {
  readonly #context: RoomJoinContext;
  readonly #passwords = new Passwords();

  constructor(context: RoomJoinContext) {
    this.#context = context;
  }

  /** The user's next request must wait for the promise, if there is one. */
  join(user: User, { room: name, password }: JoinRequest): void | Promise<void> {
    const { rooms, broadcaster, generation, options } = this.#context;
    if (!isRoomName(name)) return broadcaster.refuse(user, { reason: 'roomNameInvalid' });
    const room = rooms.get(name);
    if (!room?.members.has(user) && !this.#mayJoinMore(user)) return;
    if (room !== undefined) return this.#joinExisting(user, room, password);

    const { maxRoomNameBytes } = options.current;
    if (Buffer.byteLength(name) > maxRoomNameBytes) {
      this.#refuse(user, 'roomName', `The name of a room may have at most ${maxRoomNameBytes} bytes.`);
      return broadcaster.refuse(user, { reason: 'roomNameInvalid' });
    }
    if (password === '') return this.#create(user, name);
    if (generation === '1.2' && isPasswordTooLong(password)) {
      return broadcaster.refuse(user, { reason: 'passwordTooLong' });
    }
    return this.#createProtected(user, name, password);
  }

  #joinExisting(user: User, room: Room, password: string): void | Promise<void> {
    const { broadcaster, tries } = this.#context;
    if (room.password === undefined) return this.#enter(user, room, 'joinedRoom');
    if (password === '') return broadcaster.refuse(user, { reason: 'passwordRequired', room: room.name });
    const delayMs = tries.begin(user, room.name);
    if (delayMs !== undefined) return this.#joinProtected(user, room, room.password, password, delayMs);
    const minutes = Math.ceil(this.#context.options.current.passwordLockout / 60);
    this.#refuse(user, 'passwordTries', `Too many wrong passwords. Try again in ${minutes} minutes.`);
    broadcaster.refuse(user, { reason: 'passwordWrong', room: room.name });
  }

  async #joinProtected(
    user: User,
    room: Room,
    hash: PasswordHash,
    password: string,
    delayMs: number,
  ): Promise<void> {
    const { broadcaster, tries, rejections } = this.#context;
    if (delayMs > 0) await user.pause(delayMs);
    const isCorrect = await this.#passwords.isCorrect(password, hash);
    if (!isCorrect) rejections.add('passwordWrong', user.address);
    if (!user.isOnline) return;
    if (!isCorrect) return broadcaster.refuse(user, { reason: 'passwordWrong', room: room.name });
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
    const { rooms, broadcaster } = this.#context;
    const room = rooms.create(name, hash);
    if (room !== undefined) return this.#enter(user, room, 'createdRoom');
    this.#refuse(user, 'rooms', `There are ${rooms.size} rooms, and no more are allowed.`);
    broadcaster.refuse(user, { reason: 'joinUsage' });
  }

  #enter(user: User, room: Room, answer: 'createdRoom' | 'joinedRoom'): void {
    const { rooms, broadcaster, events } = this.#context;
    const isNew = !room.members.has(user);
    rooms.add(user, room.name);
    broadcaster.tell([user], { type: answer, room: room.name });
    broadcaster.tell(room.members, { type: 'roomJoined', name: user.name, room: room.name });
    if (isNew) events.joined.call(user.name, room.name);
  }

  #mayJoinMore(user: User): boolean {
    const { rooms, broadcaster, options } = this.#context;
    const { maxRoomsPerClient } = options.current;
    if (rooms.countOf(user) < maxRoomsPerClient) return true;
    this.#refuse(
      user,
      'roomsPerClient',
      `You are in ${rooms.countOf(user)} rooms, and no more are allowed. Leave one first.`,
    );
    broadcaster.refuse(user, { reason: 'joinUsage' });
    return false;
  }

  /** Says why; the refusal in words that clients know follows, so that none of them waits for an answer. */
  #refuse(user: User, reason: RejectionReason, why: string): void {
    this.#context.rejections.add(reason, user.address);
    this.#context.broadcaster.tell([user], { type: 'notice', text: `*** ${why} ***` });
  }
}
