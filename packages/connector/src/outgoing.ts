import {
  formatClientRequest,
  guardChat,
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

/** How long a message for a room waits for the server to say what room that is. */
const ANSWER_TIMEOUT_MS = 10_000;

interface Message {
  /** A command goes out as it is; the form of chat is decided when it is sent. */
  readonly kind: 'command' | 'chat';
  readonly text: string;
  /** The room that was current when the call was made; undefined for the lobby. */
  readonly room: string | undefined;
}

/** A message that waits for an answer of the server, or behind one that does. */
interface Held {
  readonly message: Message;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What goes out on one connection, in the order of the calls.
 *
 * Chat for the current room is written differently for the two generations: 1.2 wants `[#room] text`, 1.1
 * sends bare text to the room it keeps as the current one. Which it is, the server is asked with the
 * first join (a bare `/members`, which nobody else sees); until it is known, chat for a room waits, and
 * everything called later waits behind it. On 1.1 chat also waits for the answers to joins and leaves:
 * after a refused one it would go to another room.
 */
export class Outgoing {
  readonly #connection: Pick<Connection, 'send'>;
  readonly #config: Pick<ResolvedConfig, 'clock' | 'maxQueuedBytes'>;
  readonly #rooms = new RoomTracker();
  #generation: Generation | undefined;
  #probed = false;
  #held: Held[] = [];
  #heldBytes = 0;
  #timer: unknown;

  constructor(
    connection: Pick<Connection, 'send'>,
    config: Pick<ResolvedConfig, 'clock' | 'maxQueuedBytes'>,
  ) {
    this.#connection = connection;
    this.#config = config;
  }

  /** The room that chat goes to; undefined for the lobby. */
  get currentRoom(): string | undefined {
    return this.#rooms.requested;
  }

  /** Sends a request that is the same on both generations. */
  request(request: FormattableRequest): Promise<void> {
    return this.#command(formatClientRequest(request), request);
  }

  /** Sends a text as it is; a join or leave in it counts as one. */
  command(text: string): Promise<void> {
    return this.#command(text, parseClientRequest(text));
  }

  #command(text: string, request: ClientRequest): Promise<void> {
    this.#rooms.onRequest(request);
    const sent = this.#submit('command', text, undefined);
    if (request.type === 'join' && this.#generation === undefined && !this.#probed) {
      this.#probed = true;
      void this.#submit('command', '/members', undefined).catch(() => {});
    }
    return sent;
  }

  /** Sends chat to the current room, or to the lobby when there is none. */
  chat(text: string): Promise<void> {
    return this.#submit('chat', text, this.#rooms.requested);
  }

  /** To be called with each message from the server, before it is handed on. */
  onMessage(message: ServerMessage): void {
    this.#generation ??= generationBehind(message);
    this.#rooms.onMessage(message);
    this.#release();
  }

  /** Rejects what waits; nothing is sent any more. */
  close(error: ConnectorError): void {
    this.#disarm();
    const held = this.#held;
    this.#held = [];
    for (const { reject } of held) reject(error);
  }

  #submit(kind: Message['kind'], text: string, room: string | undefined): Promise<void> {
    const message: Message = { kind, text, room };
    if (this.#held.length === 0 && this.#isReady(message)) return this.#transmit(message);
    const { maxQueuedBytes } = this.#config;
    if (this.#heldBytes > maxQueuedBytes) return Promise.reject(queueFull(maxQueuedBytes));
    this.#heldBytes += Buffer.byteLength(text);
    this.#arm();
    return new Promise((resolve, reject) => void this.#held.push({ message, resolve, reject }));
  }

  #isReady({ kind, room }: Message): boolean {
    if (kind === 'command' || this.#generation === '1.2') return true;
    const isInLobby = room === undefined && this.#rooms.confirmed === undefined;
    return this.#rooms.isSettled && (isInLobby || this.#generation === '1.1');
  }

  #transmit({ kind, text, room }: Message): Promise<void> {
    if (kind === 'command') return this.#connection.send(text);
    if (this.#generation !== '1.2') {
      const current = this.#rooms.confirmed;
      return room === current
        ? this.#connection.send(guardChat(text))
        : Promise.reject(elsewhere(room, current));
    }
    return this.#connection.send(
      room === undefined ? guardChat(text) : formatClientRequest({ type: 'room', room, text }),
    );
  }

  #release(): void {
    if (this.#held.length === 0) return;
    const firstWaiting = this.#held.findIndex(({ message }) => !this.#isReady(message));
    const ready = this.#held.splice(0, firstWaiting < 0 ? this.#held.length : firstWaiting);
    if (ready.length === 0) return;
    this.#disarm();
    for (const { message, resolve, reject } of ready) {
      this.#heldBytes -= Buffer.byteLength(message.text);
      this.#transmit(message).then(resolve, reject);
    }
    if (this.#held.length > 0) this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#config.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#giveUp();
    }, ANSWER_TIMEOUT_MS);
  }

  #disarm(): void {
    this.#config.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The server has not answered: what waits for its answer is refused, what stood behind goes out. */
  #giveUp(): void {
    const held = this.#held.map((entry) => ({ ...entry, isReady: this.#isReady(entry.message) }));
    this.#held = [];
    this.#heldBytes = 0;
    this.#rooms.forgetPending();
    this.#probed = false;
    for (const { message, resolve, reject, isReady } of held) {
      if (isReady) this.#transmit(message).then(resolve, reject);
      else reject(noAnswer());
    }
  }
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

function elsewhere(wanted: string | undefined, current: string | undefined): ConnectorError {
  return new ConnectorError(
    'NOT_IN_ROOM',
    `This message was meant for ${wanted ?? 'the lobby'}, but the server has ${current ?? 'the lobby'} as the current room: a join or leave before it was refused. It was not sent.`,
  );
}

function noAnswer(): ConnectorError {
  return new ConnectorError(
    'NO_ANSWER',
    `The server did not answer within ${ANSWER_TIMEOUT_MS / 1000} s, so that it is not known how to reach the current room. This message was not sent; try again.`,
  );
}
