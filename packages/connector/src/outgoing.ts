import {
  formatClientRequest,
  guardChat,
  isRoomName,
  parseClientRequest,
  type ClientRequest,
  type FormattableRequest,
  type Generation,
  type ServerMessage,
} from '@quietroom/protocol';
import type { ResolvedConfig } from './config.js';
import { queueFull, type Connection } from './connection.js';
import { ConnectorError } from './errors.js';
import { RoomTracker } from './roomTracker.js';

/** How long chat waits for the server's answer to a join or leave; up to twice that behind other chat. */
const ANSWER_TIMEOUT_MS = 10_000;

/** What a packet takes beside its text, and what it is rounded up to. */
const PACKET_BYTES = 31;
const CELL_BYTES = 512;

interface Message {
  readonly text: string;
  /** Undefined for chat, whose form is decided when it is sent. */
  readonly request: ClientRequest | undefined;
  /** The room that was current when chat was called for; undefined for the lobby. */
  readonly room: string | undefined;
}

/** A message that waits for an answer of the server, or behind one that does. */
interface Held {
  readonly message: Message;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** It was there when the timer was set: when that ends, it has waited for a whole time-out. */
  isOverdue: boolean;
}

/**
 * What goes out on one connection, in the order of the calls.
 *
 * Chat goes to the room that was current at the call, and to no other place. So it waits until the joins and
 * leaves before it are answered, and is refused when they did not end in that room. How it is written depends on the generation: 1.2 wants `[#room] text`, 1.1 sends bare text to the room that it keeps
 * as the current one. Which it is, the server is asked with the first join, by a bare `/members`, which
 * nobody else sees. What is called later waits behind what waits.
 */
export class Outgoing {
  readonly #connection: Pick<Connection, 'send' | 'queuedBytes'>;
  readonly #config: Pick<ResolvedConfig, 'clock' | 'maxQueuedBytes'>;
  readonly #rooms = new RoomTracker();
  /** The current room if all that was called for so far succeeds; refusals do not change it. */
  #wanted: string | undefined;
  #generation: Generation | undefined;
  #hasAsked = false;
  #held: Held[] = [];
  #heldBytes = 0;
  #timer: unknown;
  #whenIdle: (() => void)[] = [];

  constructor(
    connection: Pick<Connection, 'send' | 'queuedBytes'>,
    config: Pick<ResolvedConfig, 'clock' | 'maxQueuedBytes'>,
  ) {
    this.#connection = connection;
    this.#config = config;
  }

  /** The room that chat is meant for; undefined for the lobby. */
  get currentRoom(): string | undefined {
    return this.#wanted;
  }

  /** Sends a request that is the same on both generations. */
  request(request: FormattableRequest): Promise<void> {
    return this.#command(formatClientRequest(request), request);
  }

  /** Sends a text as it is; a join or leave in it counts as one. */
  command(text: string): Promise<void> {
    return this.#command(text, parseClientRequest(text));
  }

  /** Sends chat to the current room, or to the lobby when there is none. */
  chat(text: string): Promise<void> {
    return this.#submit({ text, request: undefined, room: this.#wanted });
  }

  /** To be called with each message from the server, before it is handed on. */
  onMessage(message: ServerMessage): void {
    this.#generation ??= generationBehind(message);
    this.#rooms.onMessage(message);
    this.#release();
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    if (this.#held.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#whenIdle.push(resolve));
  }

  /** Rejects what waits; nothing is sent any more. */
  close(error: ConnectorError): void {
    const held = this.#held;
    this.#held = [];
    for (const { reject } of held) reject(error);
    this.#settle();
  }

  #command(text: string, request: ClientRequest): Promise<void> {
    if (request.type === 'join' && isRoomName(request.room)) this.#wanted = request.room;
    if (request.type === 'leave' && this.#wanted === request.room) this.#wanted = undefined;
    const sent = this.#submit({ text, request, room: undefined });
    if (request.type === 'join' && this.#generation === undefined && !this.#hasAsked) this.#ask();
    return sent;
  }

  /** Its answer tells the generation, and that all requests before it were answered or never will be. */
  #ask(): void {
    this.#hasAsked = true;
    this.#submit(membersQuestion()).catch(() => {});
  }

  #submit(message: Message): Promise<void> {
    if (this.#held.length === 0 && this.#isReady(message)) return this.#transmit(message);
    const { maxQueuedBytes } = this.#config;
    if (this.#heldBytes + this.#connection.queuedBytes > maxQueuedBytes) {
      return Promise.reject(queueFull(maxQueuedBytes));
    }
    this.#heldBytes += packetBytes(message);
    return new Promise((resolve, reject) => {
      this.#held.push({ message, resolve, reject, isOverdue: false });
      this.#arm();
    });
  }

  #isReady({ request, room }: Message): boolean {
    if (request !== undefined) return true;
    const isOnlyLobby = room === undefined && !this.#rooms.isInAny;
    return this.#rooms.isSettled && (isOnlyLobby || this.#generation !== undefined);
  }

  #transmit({ text, request, room }: Message): Promise<void> {
    if (request !== undefined) {
      this.#rooms.onSent(request);
      return this.#connection.send(text);
    }
    if (this.#generation === '1.2' && room !== undefined && this.#rooms.isIn(room)) {
      return this.#connection.send(formatClientRequest({ type: 'room', room, text }));
    }
    // On 1.2 bare text goes to the lobby, on 1.1 to the server's current room.
    const bareGoesTo = this.#generation === '1.2' ? undefined : this.#rooms.current;
    return room === bareGoesTo ? this.#connection.send(guardChat(text)) : Promise.reject(elsewhere(room));
  }

  #release(): void {
    if (this.#held.length === 0) return;
    const firstWaiting = this.#held.findIndex(({ message }) => !this.#isReady(message));
    if (firstWaiting === 0) return;
    const ready = this.#held.splice(0, firstWaiting < 0 ? this.#held.length : firstWaiting);
    for (const [index, { message, resolve, reject }] of ready.entries()) {
      // A request that goes out now may be what the chat behind it has to wait for.
      if (!this.#isReady(message)) {
        this.#held.unshift(...ready.slice(index));
        break;
      }
      this.#heldBytes -= packetBytes(message);
      this.#transmit(message).then(resolve, reject);
    }
    if (this.#held.length === 0) this.#settle();
  }

  /** Nothing waits any more. */
  #settle(): void {
    this.#heldBytes = 0;
    this.#config.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const callbacks = this.#whenIdle;
    this.#whenIdle = [];
    for (const callback of callbacks) callback();
  }

  /** What waits now is overdue when the timer ends; what comes later gets a time-out of its own. */
  #arm(): void {
    if (this.#timer !== undefined) return;
    for (const entry of this.#held) entry.isOverdue = true;
    this.#timer = this.#config.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#giveUp();
    }, ANSWER_TIMEOUT_MS);
  }

  /**
   * The server has not answered. Chat that waited for the whole time is refused; what it was meant for stays
   * as it is: the answer may still come, and until it does no other place is safe.
   */
  #giveUp(): void {
    const held = this.#held;
    this.#held = [];
    for (const entry of held) {
      if (entry.isOverdue && entry.message.request === undefined) {
        this.#heldBytes -= packetBytes(entry.message);
        entry.reject(noAnswer());
      } else {
        this.#held.push(entry);
      }
    }
    // Not behind what waits: it is what may end the waiting.
    this.#transmit(membersQuestion()).catch(() => {});
    this.#release();
    if (this.#held.length > 0) this.#arm();
    else this.#settle();
  }
}

function membersQuestion(): Message {
  const text = '/members';
  return { text, request: parseClientRequest(text), room: undefined };
}

function packetBytes({ text }: Message): number {
  return Math.ceil((PACKET_BYTES + Buffer.byteLength(text)) / CELL_BYTES) * CELL_BYTES;
}

/** The generation of the server that sends such messages, if they tell. */
function generationBehind(message: ServerMessage): Generation | undefined {
  switch (message.type) {
    case 'room':
    case 'members':
      return '1.2';
    case 'users':
      return message.place === undefined ? '1.2' : '1.1';
    case 'refusal':
      if (message.reason === 'membersUsage' || message.reason === 'notAMember') return '1.2';
      return message.reason === 'unknownCommand' && message.word === '/members' ? '1.1' : undefined;
    default:
      return undefined;
  }
}

function elsewhere(room: string | undefined): ConnectorError {
  const wanted = room ?? 'the lobby';
  return new ConnectorError(
    'NOT_IN_ROOM',
    `This message was meant for ${wanted}, but the server has not confirmed a join or leave before it. It was not sent. Join the room, or leave it.`,
  );
}

function noAnswer(): ConnectorError {
  return new ConnectorError(
    'NO_ANSWER',
    `The server has not answered a join or leave for over ${ANSWER_TIMEOUT_MS / 1000} s, so that it is not known where this message would go. It was not sent.`,
  );
}
