import {
  formatServerMessage,
  isRoomName,
  MAX_PLAINTEXT_BYTES,
  parseClientRequest,
  type ClientRequest,
  type Generation,
  type ServerMessage,
} from '@quietroom/protocol';
import { timeOfDay } from './clock.js';
import { helpText } from './helpText.js';
import { isPasswordTooLong, Passwords, type PasswordHash } from './passwords.js';
import { Rooms, type Room } from './rooms.js';
import { Roster } from './roster.js';
import type { User } from './user.js';

export interface ChatOptions {
  readonly generation: Generation;
  /** The wall clock. */
  readonly date: () => Date;
  /** Is told of each text that is too long for a packet, and which nobody gets. */
  readonly onTooLong: (bytes: number) => void;
}

type Request<T extends ClientRequest['type']> = Extract<ClientRequest, { type: T }>;
type Refusal = Extract<ServerMessage, { type: 'refusal' }>;

const USAGE = {
  msg: 'dmUsage',
  join: 'joinUsage',
  leave: 'leaveUsage',
  members: 'membersUsage',
} as const;

/**
 * Who is there and who is told what: docs/protocol.md 5, for both generations. It knows nothing of connections:
 * texts come in, and go out through `User.send`.
 *
 * The generations differ in their grammar, in a few answers, and in that users of 1.1 have a current room.
 */
export class Chat {
  readonly #options: ChatOptions;
  readonly #roster = new Roster();
  readonly #rooms: Rooms;
  readonly #passwords = new Passwords();

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#rooms = new Rooms(options.generation);
  }

  get names(): string[] {
    return this.#roster.names();
  }

  isTaken(name: string): boolean {
    return this.#roster.get(name) !== undefined;
  }

  /** Welcomes a user whose name nobody has. */
  enter(user: User): void {
    this.#roster.add(user);
    this.#tell([user], { type: 'welcome', name: user.name });
    this.#tell([user], { type: 'loginHint' });
    this.#tell(this.#lobbyAudience(), { type: 'joined', name: user.name });
  }

  /** A user is gone; the name is free at once. Safe when they are gone already. */
  leave(user: User): void {
    if (!this.#roster.has(user)) return;
    this.#roster.remove(user);
    this.#rooms.removeFromAll(user);
    this.#tell(this.#lobbyAudience(), { type: 'left', name: user.name });
  }

  /** Tells everyone that the chat is over, and forgets them. */
  end(): void {
    const users = [...this.#roster.all()];
    this.#tell(users, { type: 'shutdown' });
    for (const user of users) {
      this.#roster.remove(user);
      user.quit();
    }
  }

  /** Does what a user's text asks for. The user's next text must wait for the promise, if there is one. */
  handle(user: User, text: string): void | Promise<void> {
    const request = parseClientRequest(text, this.#options.generation);
    switch (request.type) {
      case 'empty':
        return;
      case 'lobby':
        return this.#sayToCurrentRoom(user, request.text);
      case 'room':
        return this.#sayToRoom(user, request);
      case 'dm':
        return this.#sendDm(user, request);
      case 'join':
        return this.#join(user, request);
      case 'leave':
        return this.#leaveRoom(user, request.room);
      case 'members':
        return this.#listMembers(user, request.place);
      case 'users':
        return this.#listUsers(user);
      case 'rooms':
        return this.#tell([user], { type: 'rooms', rooms: this.#rooms.summaries() });
      case 'help':
        return this.#tell([user], { type: 'help', text: helpText(this.#options.generation) });
      case 'quit':
        return user.quit();
      case 'usage':
        return this.#refuse(user, { reason: USAGE[request.command] });
      case 'unknown':
        return this.#refuse(user, { reason: 'unknownCommand', word: request.command });
    }
  }

  /** On 1.2, where nobody has a current room, chat text goes to everyone. */
  #sayToCurrentRoom(user: User, text: string): void {
    const audience = this.#rooms.currentOf(user)?.members ?? this.#lobbyAudience();
    this.#tell(audience, { type: 'lobby', time: this.#time(), name: user.name, text });
  }

  #sayToRoom(user: User, { room: roomName, text }: Request<'room'>): void {
    const room = this.#rooms.get(roomName);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notAMember', room: roomName });
    this.#tell(room.members, { type: 'room', time: this.#time(), room: roomName, name: user.name, text });
  }

  #sendDm(user: User, { user: recipientName, text }: Request<'dm'>): void {
    const recipient = this.#roster.get(recipientName);
    if (recipient === undefined)
      return this.#refuse(user, { reason: 'recipientOffline', word: recipientName });
    this.#tell([recipient], { type: 'dm', name: user.name, text });
    this.#tell([user], { type: 'dmEcho', name: recipientName, text });
  }

  #join(user: User, { room: name, password }: Request<'join'>): void | Promise<void> {
    if (!isRoomName(name)) return this.#refuse(user, { reason: 'roomNameInvalid' });
    const room = this.#rooms.get(name);
    if (room !== undefined) return this.#joinExisting(user, room, password);
    if (password === '') return this.#enterRoom(user, this.#rooms.create(name), 'createdRoom');
    if (this.#options.generation === '1.2' && isPasswordTooLong(password)) {
      return this.#refuse(user, { reason: 'passwordTooLong' });
    }
    return this.#createProtected(user, name, password);
  }

  #joinExisting(user: User, room: Room, password: string): void | Promise<void> {
    if (room.password === undefined) return this.#enterRoom(user, room, 'joinedRoom');
    if (password === '') return this.#refuse(user, { reason: 'passwordRequired', room: room.name });
    return this.#joinProtected(user, room, room.password, password);
  }

  async #joinProtected(user: User, room: Room, hash: PasswordHash, password: string): Promise<void> {
    const isCorrect = await this.#passwords.isCorrect(password, hash);
    if (!this.#roster.has(user)) return;
    if (isCorrect) this.#enterRoom(user, room, 'joinedRoom');
    else this.#refuse(user, { reason: 'passwordWrong', room: room.name });
  }

  async #createProtected(user: User, name: string, password: string): Promise<void> {
    const hash = await this.#passwords.hash(password);
    if (!this.#roster.has(user)) return;
    // Meanwhile somebody else may have made it.
    const room = this.#rooms.get(name);
    if (room !== undefined) return this.#joinExisting(user, room, password);
    this.#enterRoom(user, this.#rooms.create(name, hash), 'createdRoom');
  }

  #enterRoom(user: User, room: Room, answer: 'createdRoom' | 'joinedRoom'): void {
    this.#rooms.add(user, room.name);
    this.#tell([user], { type: answer, room: room.name });
    this.#tell(room.members, { type: 'roomJoined', name: user.name, room: room.name });
  }

  #leaveRoom(user: User, name: string): void {
    const room = this.#rooms.get(name);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notInRoom', room: name });
    this.#rooms.remove(user, name);
    this.#tell([user], { type: 'leftRoom', room: name });
    this.#tell(room.members, { type: 'roomLeft', name: user.name, room: name });
  }

  #listMembers(user: User, place: string): void {
    const members = place === 'lobby' ? this.#usersInNoRoom() : this.#visibleMembers(user, place);
    if (members === undefined) return this.#refuse(user, { reason: 'roomNotFound' });
    this.#tell([user], { type: 'members', place, members });
  }

  #visibleMembers(user: User, name: string): string[] | undefined {
    const room = this.#rooms.get(name);
    if (room === undefined || (room.password !== undefined && !room.members.has(user))) return undefined;
    return namesOf(room.members);
  }

  #usersInNoRoom(): string[] {
    return namesOf([...this.#roster.all()].filter((user) => !this.#rooms.isInAny(user)));
  }

  #listUsers(user: User): void {
    if (this.#options.generation === '1.2') {
      return this.#tell([user], { type: 'users', users: this.#roster.names() });
    }
    const room = this.#rooms.currentOf(user);
    const users = namesOf(room?.members ?? this.#lobbyAudience());
    this.#tell([user], { type: 'users', users, place: room?.name ?? 'lobby' });
  }

  /** On 1.1 only those who have no current room. */
  #lobbyAudience(): User[] {
    return [...this.#roster.all()].filter((user) => this.#rooms.currentOf(user) === undefined);
  }

  #time(): string {
    return timeOfDay(this.#options.date());
  }

  #refuse(user: User, refusal: DistributiveOmit<Refusal, 'type'>): void {
    this.#tell([user], { type: 'refusal', ...refusal });
  }

  #tell(users: Iterable<User>, message: ServerMessage): void {
    const text = formatServerMessage(message);
    if (isTooLong(text)) {
      // As on existing servers: docs/protocol.md 3.
      this.#options.onTooLong(Buffer.byteLength(text));
      return;
    }
    for (const user of users) user.send(text);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function namesOf(users: Iterable<User>): string[] {
  return Array.from(users, ({ name }) => name);
}

/** A UTF-16 unit takes at most three bytes, which spares short texts the counting. */
function isTooLong(text: string): boolean {
  return text.length * 3 > MAX_PLAINTEXT_BYTES && Buffer.byteLength(text) > MAX_PLAINTEXT_BYTES;
}
