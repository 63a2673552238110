import { isRoomName, type ClientRequest } from '@quietroom/protocol';
import type { PasswordAttempts } from '../limits/passwordAttempts.js';
import type { RoomCreationLimiter } from '../limits/roomCreationLimiter.js';
import type { ServerEvents } from '../observe/events.js';
import type { Rejections } from '../observe/rejections.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import type { Broadcaster } from '../users/broadcaster.js';
import type { User } from '../users/user.js';
import type { Dialect } from './dialects.js';
import { isPasswordTooLong, type PasswordHash, type Passwords } from './passwords.js';
import type { Room, Rooms } from './rooms.js';

export interface JoinContext {
  readonly dialect: Dialect;
  readonly options: CurrentOptions;
  readonly rooms: Rooms;
  readonly passwords: Passwords;
  readonly passwordAttempts: PasswordAttempts;
  readonly creationLimiter: RoomCreationLimiter;
  readonly broadcaster: Broadcaster;
  readonly rejections: Rejections;
  readonly events: ServerEvents;
}

type JoinRequest = Extract<ClientRequest, { type: 'join' }>;

/**
 * Carries out `/join`: joins the room, or creates it when there is none of the name. The user's next request must
 * wait for the promise, if there is one.
 */
export function joinRoom(
  context: JoinContext,
  user: User,
  { room: name, password }: JoinRequest,
): void | Promise<void> {
  const { rooms, broadcaster, options, dialect } = context;
  if (!isRoomName(name)) return broadcaster.refuse(user, { reason: 'roomNameInvalid' });
  const room = rooms.get(name);
  const { maxRoomsPerClient, maxRoomNameBytes } = options.current;
  if (!room?.members.has(user) && rooms.countOf(user) >= maxRoomsPerClient) {
    const why = `You are in ${rooms.countOf(user)} rooms, and no more are allowed. Leave one first.`;
    return context.broadcaster.refuseByLimit(user, 'roomsPerClient', why, { reason: 'joinUsage' });
  }
  if (room !== undefined) return joinExisting(context, user, room, password);
  if (Buffer.byteLength(name) > maxRoomNameBytes) {
    const why = `The name of a room may have at most ${maxRoomNameBytes} bytes.`;
    return context.broadcaster.refuseByLimit(user, 'roomName', why, { reason: 'roomNameInvalid' });
  }
  if (password !== '' && dialect.refusesLongPasswords && isPasswordTooLong(password)) {
    return broadcaster.refuse(user, { reason: 'passwordTooLong' });
  }
  if (!context.creationLimiter.tryTake(user)) {
    const why = 'Too many rooms were created from here in the last minute. Try again later.';
    return context.broadcaster.refuseByLimit(user, 'roomRate', why, { reason: 'joinUsage' });
  }
  if (password === '') return create(context, user, name);
  return createProtected(context, user, name, password);
}

function joinExisting(context: JoinContext, user: User, room: Room, password: string): void | Promise<void> {
  const { broadcaster, passwordAttempts, options } = context;
  if (room.password === undefined) return enter(context, user, room, 'joinedRoom');
  if (password === '') return broadcaster.refuse(user, { reason: 'passwordRequired', room: room.name });
  const delayMs = passwordAttempts.begin(user, room.name);
  if (delayMs !== undefined) return joinProtected(context, user, room, room.password, password, delayMs);
  const minutes = Math.ceil(options.current.passwordLockout / 60);
  const why = `Too many wrong passwords. Try again in ${minutes} minutes.`;
  return context.broadcaster.refuseByLimit(user, 'passwordTries', why, {
    reason: 'passwordWrong',
    room: room.name,
  });
}

async function joinProtected(
  context: JoinContext,
  user: User,
  room: Room,
  hash: PasswordHash,
  password: string,
  delayMs: number,
): Promise<void> {
  const { rooms, broadcaster, passwords, passwordAttempts, rejections } = context;
  if (delayMs > 0) await user.pause(delayMs);
  const isCorrect = await passwords.isCorrect(password, hash);
  if (!isCorrect) rejections.add('passwordWrong', user.address);
  if (!user.isOnline) return;
  if (!isCorrect) return broadcaster.refuse(user, { reason: 'passwordWrong', room: room.name });
  passwordAttempts.correct(user, room.name);
  // Meanwhile the room may have been removed as empty, and another one may have its name.
  if (rooms.get(room.name) === room) return enter(context, user, room, 'joinedRoom');
  await joinRoom(context, user, { type: 'join', room: room.name, password });
}

async function createProtected(
  context: JoinContext,
  user: User,
  name: string,
  password: string,
): Promise<void> {
  const hash = await context.passwords.hash(password);
  if (!user.isOnline) return;
  // Meanwhile somebody else may have created it.
  const room = context.rooms.get(name);
  if (room !== undefined) return joinExisting(context, user, room, password);
  create(context, user, name, hash);
}

function create(context: JoinContext, user: User, name: string, hash?: PasswordHash): void {
  const { rooms, broadcaster, options } = context;
  const room = rooms.create(name, user.address, hash);
  if (typeof room === 'object') return enter(context, user, room, 'createdRoom');
  const { maxRoomsPerAddress } = options.current;
  const why =
    room === 'rooms'
      ? `There are ${rooms.size} rooms with members, and no more are allowed.`
      : `${maxRoomsPerAddress} rooms with members were created from your address, and no more are allowed.`;
  broadcaster.refuseByLimit(user, room, why, { reason: 'joinUsage' });
}

function enter(
  { rooms, broadcaster, events }: JoinContext,
  user: User,
  room: Room,
  reply: 'createdRoom' | 'joinedRoom',
): void {
  const isNew = !room.members.has(user);
  rooms.add(user, room.name);
  broadcaster.tell([user], { type: reply, room: room.name });
  broadcaster.tell(room.members, { type: 'roomJoined', name: user.name, room: room.name });
  if (isNew) events.joined.call(user.name, room.name);
}
