import {
  helpText,
  isRoomName,
  parseClientRequest,
  usageReasonOf,
  type ClientRequest,
  type CommandType,
  type ProtocolVersion,
} from '@quietroom/protocol';
import { Broadcaster, type KnownRefusal } from '../users/broadcaster.js';
import { timeOfDay, type Clock } from '../time/clock.js';
import type { Counters } from '../observe/counters.js';
import { FileCommands } from '../files/fileCommands.js';
import type { LiveOptions } from '../options/reloadableOptions.js';
import { PasswordAttempts } from '../limits/passwordAttempts.js';
import type { Rejections } from '../observe/rejections.js';
import { RoomJoin } from './joinRoom.js';
import { Rooms } from './rooms.js';
import { Users } from '../users/users.js';
import type { ServerEvents } from '../observe/events.js';
import type { User } from '../users/user.js';

export interface ChatContext {
  readonly generation: ProtocolVersion;
  readonly clock: Clock;
  /** The wall clock. */
  readonly date: () => Date;
  readonly options: LiveOptions;
  readonly counters: Counters;
  readonly rejections: Rejections;
  readonly events: ServerEvents;
}

type Request<T extends ClientRequest['type']> = Extract<ClientRequest, { type: T }>;

type Handlers = {
  readonly [T in CommandType]: (user: User, request: Request<T>) => void | Promise<void>;
};

const LOBBY = 'lobby';

/** What begins like a message for a room; the name is all up to the first bracket. */
const ROOM_PREFIX = /^\[(#[^\]]*)\]/;

/**
 * Who is there and who is told what: docs/protocol.md 5, for both generations. It knows nothing of connections:
 * texts come in, and go out through `User.send`.
 *
 * The generations differ in their grammar, in a few answers, and in that users of 1.1 have a current room.
 */
export class Chat {
  readonly #context: ChatContext;
  readonly #roster = new Users();
  readonly #rooms: Rooms;
  readonly #tries: PasswordAttempts;
  readonly #broadcaster: Broadcaster;
  readonly #door: RoomJoin;
  readonly #files: FileCommands;

  readonly #handlers: Handlers = {
    dm: (user, request) => this.#sendDm(user, request),
    users: (user) => this.#listUsers(user),
    rooms: (user) => this.#broadcaster.tell([user], { type: 'rooms', rooms: this.#rooms.summaries() }),
    join: (user, request) => this.#door.join(user, request),
    leave: (user, { room }) => this.#leaveRoom(user, room),
    members: (user, { place }) => this.#listMembers(user, place),
    room: (user, request) => this.#sayToRoom(user, request),
    lobby: (user, { text }) => this.#say(user, text),
    file: (user, request) => this.#files.offer(user, request),
    accept: (user, { id }) => this.#files.accept(user, id),
    decline: (user, { id }) => this.#files.decline(user, id),
    features: (user) => this.#broadcaster.tell([user], { type: 'features', text: this.#files.features }),
    help: (user) =>
      this.#broadcaster.tell([user], { type: 'help', text: helpText(this.#context.generation) }),
    quit: (user) => user.quit(),
  };

  constructor(context: ChatContext) {
    const { generation, clock, options, counters, rejections } = context;
    this.#context = context;
    this.#rooms = new Rooms(generation, clock, options);
    this.#tries = new PasswordAttempts(clock, options);
    this.#broadcaster = new Broadcaster(options, counters, rejections);
    this.#door = new RoomJoin({
      ...context,
      rooms: this.#rooms,
      tries: this.#tries,
      broadcaster: this.#broadcaster,
    });
    this.#files = new FileCommands({ ...context, roster: this.#roster, broadcaster: this.#broadcaster });
  }

  get names(): string[] {
    return this.#roster.names();
  }

  get userCount(): number {
    return this.#roster.size;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** How many files are offered and on their way. */
  get files(): Pick<FileCommands, 'openCount' | 'runningCount'> {
    return this.#files;
  }

  isTaken(name: string): boolean {
    return this.#roster.get(name) !== undefined;
  }

  /** Welcomes a user whose name nobody has. */
  enter(user: User): void {
    this.#roster.add(user);
    this.#broadcaster.tell([user], { type: 'welcome', name: user.name });
    this.#broadcaster.tell([user], { type: 'loginHint' });
    this.#broadcaster.tell(this.#lobbyAudience(), { type: 'joined', name: user.name });
    this.#context.events.joined.call(user.name, LOBBY);
  }

  /** A user is gone; the name is free at once. Safe when they are gone already. */
  leave(user: User): void {
    if (!this.#roster.has(user)) return;
    const { events } = this.#context;
    this.#roster.remove(user);
    this.#files.leave(user);
    const rooms = this.#rooms.removeFromAll(user);
    for (const { name, members } of rooms) {
      this.#broadcaster.tell(members, { type: 'roomLeft', name: user.name, room: name });
    }
    this.#broadcaster.tell(this.#lobbyAudience(), { type: 'left', name: user.name });
    for (const { name } of rooms) events.left.call(user.name, name);
    events.left.call(user.name, LOBBY);
  }

  /** Tells everyone that the chat is over, and forgets them. */
  end(): void {
    const users = [...this.#roster.all()];
    this.#files.end();
    this.#broadcaster.tell(users, { type: 'shutdown' });
    for (const user of users) {
      this.#roster.remove(user);
      user.quit();
    }
  }

  /** Forgets what is too old to be kept; to be called now and then. */
  forgetOld(): void {
    this.#rooms.forgetEmpty();
    this.#tries.forgetOld();
  }

  /** Takes a file packet; false when it is to be charged as a text is. The bytes must not change. */
  handleFile(user: User, packet: Uint8Array): boolean {
    return this.#files.receive(user, packet);
  }

  /** Does what a user's text asks for. The user's next text must wait for the promise, if there is one. */
  handle(user: User, text: string): void | Promise<void> {
    this.#context.counters.messagesReceived++;
    const request = parseClientRequest(text, this.#context.generation);
    switch (request.type) {
      case 'empty':
        return;
      case 'usage':
        return this.#refuse(user, { reason: usageReasonOf(request.command) });
      case 'unknown':
        return this.#refuse(user, { reason: 'unknownCommand', word: request.command });
      default: {
        const handler: (user: User, request: never) => void | Promise<void> = this.#handlers[request.type];
        // The handler of this type takes requests of this type.
        return handler(user, request as never);
      }
    }
  }

  #say(user: User, text: string): void {
    const missed = this.#missedRoom(text);
    if (missed === undefined) this.#sayToCurrentRoom(user, text);
    else this.#refuseMissedRoom(user, missed);
  }

  /** On 1.2, where nobody has a current room, chat text goes to everyone. */
  #sayToCurrentRoom(user: User, text: string): void {
    const room = this.#rooms.currentOf(user);
    const audience = room?.members ?? this.#lobbyAudience();
    const message = { type: 'lobby', time: this.#time(), name: user.name, text } as const;
    if (!this.#broadcaster.relay(user, [audience, message])) return;
    const said = { sender: user.name, text };
    this.#context.events.message.call(
      room === undefined ? { type: 'lobby', ...said } : { type: 'room', room: room.name, ...said },
    );
  }

  #sayToRoom(user: User, { room: roomName, text }: Request<'room'>): void {
    const room = this.#rooms.get(roomName);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notAMember', room: roomName });
    const message = { type: 'room', time: this.#time(), room: roomName, name: user.name, text } as const;
    if (!this.#broadcaster.relay(user, [room.members, message])) return;
    this.#context.events.message.call({ type: 'room', sender: user.name, room: roomName, text });
  }

  /**
   * The room of a text that begins like a message for one and is none, since what follows the bracket is not
   * a blank and a text: to everyone, as existing servers send it, it was not meant.
   */
  #missedRoom(text: string): string | undefined {
    const name = this.#context.generation === '1.2' ? ROOM_PREFIX.exec(text)?.[1] : undefined;
    return name !== undefined && isRoomName(name) ? name : undefined;
  }

  #refuseMissedRoom(user: User, room: string): void {
    if (this.#rooms.get(room)?.members.has(user)) {
      this.#refuse(user, { reason: 'unknownCommand', word: `[${room}]` });
    } else {
      this.#refuse(user, { reason: 'notAMember', room });
    }
  }

  #sendDm(user: User, { user: recipientName, text }: Request<'dm'>): void {
    const recipient = this.#roster.get(recipientName);
    if (recipient === undefined)
      return this.#refuse(user, { reason: 'recipientOffline', word: recipientName });
    const isTaken = this.#broadcaster.relay(
      user,
      [[recipient], { type: 'dm', name: user.name, text }],
      [[user], { type: 'dmEcho', name: recipientName, text }],
    );
    if (!isTaken) return;
    this.#context.events.message.call({ type: 'dm', sender: user.name, recipient: recipientName, text });
  }

  #leaveRoom(user: User, name: string): void {
    const room = this.#rooms.get(name);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notInRoom', room: name });
    this.#rooms.remove(user, name);
    this.#broadcaster.tell([user], { type: 'leftRoom', room: name });
    this.#broadcaster.tell(room.members, { type: 'roomLeft', name: user.name, room: name });
    this.#context.events.left.call(user.name, name);
  }

  #listMembers(user: User, place: string): void {
    const members = place === LOBBY ? this.#usersInNoRoom() : this.#visibleMembers(user, place);
    if (members === undefined) return this.#refuse(user, { reason: 'roomNotFound' });
    this.#broadcaster.tell([user], { type: 'members', place, members });
  }

  #visibleMembers(user: User, name: string): string[] | undefined {
    const room = this.#rooms.get(name);
    if (room === undefined || (room.password !== undefined && !room.members.has(user))) return undefined;
    return namesOf(room.members);
  }

  #usersInNoRoom(): string[] {
    return namesOf([...this.#roster.all()].filter((user) => this.#rooms.countOf(user) === 0));
  }

  #listUsers(user: User): void {
    if (this.#context.generation === '1.2') {
      return this.#broadcaster.tell([user], { type: 'users', users: this.#roster.names() });
    }
    const room = this.#rooms.currentOf(user);
    const users = namesOf(room?.members ?? this.#lobbyAudience());
    this.#broadcaster.tell([user], { type: 'users', users, place: room?.name ?? LOBBY });
  }

  /** On 1.1 only those who have no current room. */
  #lobbyAudience(): User[] {
    return [...this.#roster.all()].filter((user) => this.#rooms.currentOf(user) === undefined);
  }

  #time(): string {
    return timeOfDay(this.#context.date());
  }

  #refuse(user: User, refusal: KnownRefusal): void {
    this.#broadcaster.refuse(user, refusal);
  }
}

function namesOf(users: Iterable<User>): string[] {
  return Array.from(users, ({ name }) => name);
}
