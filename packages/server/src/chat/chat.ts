import { parseClientRequest, type ClientRequest, type ProtocolVersion } from '@quietroom/protocol';
import { helpText, usageReasonOf, type CommandType } from '@quietroom/protocol/internals';
import type { Moderation } from '../admin/moderation.js';
import { durationText } from '../admin/durationText.js';
import type { RoomView } from '../admin/views.js';
import { FileCommands } from '../files/fileCommands.js';
import { PlaceLimiter } from '../limits/placeLimiter.js';
import { PasswordAttempts } from '../limits/passwordAttempts.js';
import { RoomCreationLimiter } from '../limits/roomCreationLimiter.js';
import type { Log } from '../observe/log.js';
import type { Counters } from '../observe/counters.js';
import type { ServerEvents } from '../observe/events.js';
import type { Rejections } from '../observe/rejections.js';
import type { CurrentOptions } from '../options/currentOptions.js';
import { timeOfDay, type Clock } from '../time/clock.js';
import { Broadcaster, type KnownRefusal } from '../users/broadcaster.js';
import type { User } from '../users/user.js';
import { Users } from '../users/users.js';
import { DIALECTS, type Dialect } from './dialects.js';
import { joinRoom, type JoinContext } from './joinRoom.js';
import { Passwords } from './passwords.js';
import { Rooms } from './rooms.js';

export interface ChatContext {
  readonly protocolVersion: ProtocolVersion;
  readonly clock: Clock;
  /** The wall clock. */
  readonly date: () => Date;
  readonly options: CurrentOptions;
  readonly log: Log;
  readonly counters: Counters;
  readonly rejections: Rejections;
  readonly events: ServerEvents;
  readonly moderation: Moderation;
}

type Request<T extends ClientRequest['type']> = Extract<ClientRequest, { type: T }>;

/** A promise delays the user's next request. */
type Handler<T extends CommandType> = (user: User, request: Request<T>) => void | Promise<void>;

const LOBBY = 'lobby';

/** Requests that reach other users. */
const SENDING: ReadonlySet<CommandType> = new Set<CommandType>(['dm', 'lobby', 'room', 'file']);

/**
 * The users, the rooms, and the reply to each request: docs/protocol.md 5. It knows no connections: texts come in
 * through `handle` and go out through `User.send`.
 */
export class Chat {
  readonly #context: ChatContext;
  readonly #dialect: Dialect;
  readonly #users = new Users();
  readonly #rooms: Rooms;
  readonly #passwordAttempts: PasswordAttempts;
  readonly #creationLimiter: RoomCreationLimiter;
  readonly #placeLimiter: PlaceLimiter;
  readonly #broadcaster: Broadcaster;
  readonly #files: FileCommands;
  readonly #joinContext: JoinContext;

  readonly #handlers: { readonly [T in CommandType]: Handler<T> } = {
    dm: (user, request) => this.#sendDm(user, request),
    users: (user) => this.#broadcaster.tellList(user, this.#dialect.listUsers(this.#places, user)),
    rooms: (user) => this.#broadcaster.tellList(user, { type: 'rooms', rooms: this.#rooms.summaries() }),
    join: (user, request) => joinRoom(this.#joinContext, user, request),
    leave: (user, request) => this.#leaveRoom(user, request),
    members: (user, request) => this.#listMembers(user, request),
    room: (user, request) => this.#sendToRoom(user, request),
    lobby: (user, request) => this.#sendToCurrentRoom(user, request),
    file: (user, request) => this.#files.offer(user, request),
    accept: (user, request) => this.#files.accept(user, request.id),
    decline: (user, request) => this.#files.decline(user, request.id),
    features: (user) => this.#broadcaster.tell([user], { type: 'features', text: this.#files.features }),
    steady: (user) => {
      const seconds = user.beSteady();
      if (seconds === undefined) this.#refuse(user, { reason: 'unknownCommand', word: '/steady' });
      else this.#broadcaster.tell([user], { type: 'steady', seconds: String(seconds) });
    },
    help: (user) => {
      const text = helpText(this.#context.protocolVersion);
      this.#broadcaster.tell([user], { type: 'help', text });
    },
    quit: (user) => user.quit(),
  };

  constructor(context: ChatContext) {
    const { protocolVersion, clock, options, counters, rejections } = context;
    this.#context = context;
    this.#dialect = DIALECTS[protocolVersion];
    this.#rooms = new Rooms(clock, options);
    this.#passwordAttempts = new PasswordAttempts(clock, options);
    this.#creationLimiter = new RoomCreationLimiter(clock, options);
    this.#placeLimiter = new PlaceLimiter(clock, options);
    this.#broadcaster = new Broadcaster(options, counters, rejections);
    this.#joinContext = {
      ...context,
      dialect: this.#dialect,
      rooms: this.#rooms,
      passwords: new Passwords(),
      passwordAttempts: this.#passwordAttempts,
      creationLimiter: this.#creationLimiter,
      broadcaster: this.#broadcaster,
    };
    this.#files = new FileCommands({ ...context, users: this.#users, broadcaster: this.#broadcaster });
  }

  get names(): string[] {
    return this.#users.names();
  }

  get userCount(): number {
    return this.#users.size;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** Counts of files that are offered and being sent. */
  get files(): Pick<FileCommands, 'openCount' | 'runningCount'> {
    return this.#files;
  }

  isTaken(name: string): boolean {
    return this.#users.get(name) !== undefined;
  }

  /** Whether a user's requests wait because too much is sent to the lobby or a room. */
  waitsForPlace(user: User): boolean {
    return this.#placeLimiter.isWaiting(user);
  }

  /** Adds a user whose name is free, and welcomes them. */
  enter(user: User): void {
    this.#users.add(user);
    this.#broadcaster.tell([user], { type: 'welcome', name: user.name });
    this.#broadcaster.tell([user], { type: 'loginHint' });
    const { motd } = this.#context.options.current;
    // No other text begins so: clients show it as a text of the server.
    if (motd !== '') this.#broadcaster.tell([user], { type: 'notice', text: `Message of the day:\n${motd}` });
    this.#broadcaster.tell(this.#lobbyAudience, { type: 'joined', name: user.name });
    this.#context.events.joined.call(user.name, LOBBY);
  }

  /** Removes a user; the name is free at once. Idempotent. */
  leave(user: User): void {
    if (!this.#users.has(user)) return;
    const { events } = this.#context;
    this.#users.remove(user);
    this.#files.leave(user);
    const rooms = this.#rooms.removeFromAll(user);
    for (const { name, members } of rooms) {
      this.#broadcaster.tell(members, { type: 'roomLeft', name: user.name, room: name });
    }
    this.#broadcaster.tell(this.#lobbyAudience, { type: 'left', name: user.name });
    for (const { name } of rooms) events.left.call(user.name, name);
    events.left.call(user.name, LOBBY);
  }

  /** Sends a text of the server to all users. */
  announce(text: string): void {
    this.#broadcaster.tell(this.#users.all(), { type: 'notice', text });
  }

  /** The rooms as operators see them. */
  get roomViews(): RoomView[] {
    return this.#rooms.summaries().map(({ name, isProtected }) => ({
      name,
      isProtected,
      members: namesOf(this.#rooms.get(name)?.members ?? []),
    }));
  }

  /** Notifies the members of a room, removes them and the room; returns their number, or undefined if there is no such room. */
  closeRoom(name: string, text: string): number | undefined {
    const room = this.#rooms.get(name);
    if (room === undefined) return undefined;
    const members = [...room.members];
    this.#broadcaster.tell(members, { type: 'notice', text });
    for (const user of members) this.#rooms.remove(user, name);
    this.#rooms.delete(name);
    this.#broadcaster.tell(members, { type: 'leftRoom', room: name });
    for (const user of members) this.#context.events.left.call(user.name, name);
    return members.length;
  }

  /** Notifies all users of the shutdown, and disconnects them. */
  end(): void {
    const users = [...this.#users.all()];
    this.#files.end();
    this.#broadcaster.tell(users, { type: 'shutdown' });
    for (const user of users) {
      this.#users.remove(user);
      user.quit();
    }
  }

  /** Drops expired rooms and password attempts. Call it every minute. */
  forgetOld(): void {
    this.#rooms.forgetEmpty();
    this.#passwordAttempts.forgetOld();
    this.#creationLimiter.forgetOld();
  }

  /** Handles a file packet; false when it must be charged like a text. The bytes must not change. */
  handleFile(user: User, packet: Uint8Array): boolean {
    return this.#files.receive(user, packet);
  }

  /** Carries out one text of a user. The user's next text must wait for the promise, if there is one. */
  handle(user: User, text: string): void | Promise<void> {
    this.#context.counters.messagesReceived++;
    const request = parseClientRequest(text, this.#context.protocolVersion);
    switch (request.type) {
      case 'empty':
        return;
      case 'usage':
        return this.#refuse(user, { reason: usageReasonOf(request.command) });
      case 'unknown':
        return this.#refuse(user, { reason: 'unknownCommand', word: request.command });
      default: {
        if (SENDING.has(request.type) && this.#refusesMuted(user, request.type)) return;
        // Each handler takes the requests of its own type, which TypeScript cannot relate to one another.
        const handler: (user: User, request: never) => void | Promise<void> = this.#handlers[request.type];
        return handler(user, request as never);
      }
    }
  }

  #refusesMuted(user: User, type: CommandType): boolean {
    const { moderation, rejections } = this.#context;
    const seconds = moderation.mutes.secondsLeft(user.name);
    if (seconds === 0) return false;
    const time = seconds === Infinity ? '' : ` for another ${durationText(seconds)}`;
    const why = `You are muted${time}: this was not sent. Commands still work.`;
    if (type === 'file') {
      this.#broadcaster.refuseByLimit(user, 'muted', why, { reason: 'fileUsage' });
    } else {
      rejections.add('muted', user.address);
      this.#broadcaster.tell([user], { type: 'notice', text: `*** ${why} ***` });
    }
    return true;
  }

  #sendToCurrentRoom(user: User, { text }: Request<'lobby'>): void | Promise<void> {
    const mistyped = this.#dialect.mistypedRoom(text);
    if (mistyped !== undefined) return this.#refuseMistyped(user, mistyped);
    const room = this.#dialect.currentRoom(this.#rooms, user);
    const audience = room?.members ?? this.#lobbyAudience;
    const message = { type: 'lobby', time: this.#time(), name: user.name, text } as const;
    const before = this.#context.counters.deliveries;
    if (!this.#broadcaster.relay(user, [audience, message])) return;
    const members = this.#context.counters.deliveries - before;
    const event = { sender: user.name, text };
    this.#context.events.message.call(
      room === undefined ? { type: 'lobby', ...event } : { type: 'room', room: room.name, ...event },
    );
    return this.#placeLimiter.charge({
      place: room ?? this.#users,
      sender: user,
      members,
      bytes: Buffer.byteLength(text),
    });
  }

  #refuseMistyped(user: User, room: string): void {
    if (this.#rooms.get(room)?.members.has(user)) {
      this.#refuse(user, { reason: 'unknownCommand', word: `[${room}]` });
    } else {
      this.#refuse(user, { reason: 'notAMember', room });
    }
  }

  #sendToRoom(user: User, { room: roomName, text }: Request<'room'>): void | Promise<void> {
    const room = this.#rooms.get(roomName);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notAMember', room: roomName });
    const message = { type: 'room', time: this.#time(), room: roomName, name: user.name, text } as const;
    if (!this.#broadcaster.relay(user, [room.members, message])) return;
    this.#context.events.message.call({ type: 'room', sender: user.name, room: roomName, text });
    return this.#placeLimiter.charge({
      place: room,
      sender: user,
      members: room.members.size,
      bytes: Buffer.byteLength(text),
    });
  }

  #sendDm(user: User, { user: recipientName, text }: Request<'dm'>): void {
    const recipient = this.#users.get(recipientName);
    if (recipient === undefined) {
      return this.#refuse(user, { reason: 'recipientOffline', word: recipientName });
    }
    const isRelayed = this.#broadcaster.relay(
      user,
      [[recipient], { type: 'dm', name: user.name, text }],
      [[user], { type: 'dmEcho', name: recipientName, text }],
    );
    if (!isRelayed) return;
    this.#context.events.message.call({ type: 'dm', sender: user.name, recipient: recipientName, text });
  }

  #leaveRoom(user: User, { room: name }: Request<'leave'>): void {
    const room = this.#rooms.get(name);
    if (!room?.members.has(user)) return this.#refuse(user, { reason: 'notInRoom', room: name });
    this.#rooms.remove(user, name);
    this.#broadcaster.tell([user], { type: 'leftRoom', room: name });
    this.#broadcaster.tell(room.members, { type: 'roomLeft', name: user.name, room: name });
    this.#context.events.left.call(user.name, name);
  }

  #listMembers(user: User, { place }: Request<'members'>): void {
    const members = place === LOBBY ? this.#usersInNoRoom() : this.#visibleMembers(user, place);
    if (members === undefined) return this.#refuse(user, { reason: 'roomNotFound' });
    this.#broadcaster.tellList(user, { type: 'members', place, members });
  }

  #visibleMembers(user: User, name: string): string[] | undefined {
    const room = this.#rooms.get(name);
    if (room === undefined || (room.password !== undefined && !room.members.has(user))) return undefined;
    return namesOf(room.members);
  }

  #usersInNoRoom(): string[] {
    return namesOf([...this.#users.all()].filter((user) => this.#rooms.countOf(user) === 0));
  }

  get #places(): { readonly users: Users; readonly rooms: Rooms } {
    return { users: this.#users, rooms: this.#rooms };
  }

  get #lobbyAudience(): Iterable<User> {
    return this.#dialect.lobbyAudience(this.#places);
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
