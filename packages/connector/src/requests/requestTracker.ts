import type { ClientRequest, ProtocolVersion, ServerMessage } from '@quietroom/protocol';
import { Fifo, MAX_CELL_TEXT_BYTES } from '@quietroom/protocol/internals';
import type { Clock } from '../time/clock.js';
import type { Connection } from '../connection/connection.js';
import { ConnectorError } from '../errors.js';
import { tooLongForCell } from '../messages/messageText.js';
import type { DesiredRooms } from '../rooms/desiredRooms.js';
import type { AwaitedReply } from '../replies/awaitedReply.js';
import { isList, ListAssembler } from '../replies/listAssembler.js';
import { CONNECTION_LOST, NO_ANSWER, type Outcome } from '../replies/outcome.js';
import { ReplyMatcher } from '../replies/replyMatcher.js';
import { RoomTracker } from '../rooms/roomTracker.js';
import {
  dialectBehind,
  LOBBY,
  wordingIn,
  wordingInAny,
  type Dialect,
  type Place,
  type Wording,
} from './dialects.js';
import { directRequest, type PendingRequest } from './pendingRequest.js';
import { rawRequest, type Request } from './request.js';
import type { RequestSink, SendQueue } from './sendQueue.js';

/** The meaning of a message for this client. */
export interface Placed {
  /** It answers a request. */
  readonly isAnswer: boolean;
  /** Of chat: the place that it was written in; `unknown` where a 1.1 server does not tell it. */
  readonly place: Place;
}

export interface RequestTrackerOptions {
  readonly clock: Clock;
  readonly answerTimeoutMs: number;
  /** Requests that may wait for their replies at the same time. */
  readonly maxInFlight: number;
  /** In steady mode: each request takes one cell, and `sent` hears how long it has waited for that. */
  readonly steady?: { readonly sent: (waitedMs: number) => void } | undefined;
  readonly desiredRooms: DesiredRooms;
  /** `pump` is called when more can be sent, `onTaken` when TLS has taken packets. */
  readonly queue: Pick<SendQueue, 'pump' | 'onTaken'>;
}

type RequestConnection = Pick<Connection, 'username' | 'isOpen' | 'channel' | 'aheadBytes' | 'sendError'>;

type RoomRequest = Extract<ClientRequest, { type: 'join' | 'leave' }>;

const ANSWER: Placed = { isAnswer: true, place: LOBBY };
const UNASKED: Placed = { isAnswer: false, place: LOBBY };

/** The bare `/members`: nobody else sees it, and each version answers it in its own words. */
const QUESTION = rawRequest('/members');

/** How many rooms a connector can be in at the same time; a reconnect joins them all again. */
const MAX_ROOMS = 1000;

/**
 * The requests of one connection: sends them, finds the reply to each, and keeps what the replies tell: the rooms
 * and the server's version, which it asks for when a request first depends on it.
 */
export class RequestTracker implements RequestSink {
  readonly rooms: RoomTracker;
  readonly #connection: RequestConnection;
  readonly #options: RequestTrackerOptions;
  readonly #replies: ReplyMatcher;
  readonly #lists = new ListAssembler();
  #dialect: Dialect | undefined;
  /** The bare `/members` is unanswered. */
  #isAsking = false;
  /** The question for the current room of a 1.1 server is unanswered. */
  #isLocating = false;
  /** When a question was asked that got no answer: requests that were queued before give up. */
  #unansweredAt = Number.NEGATIVE_INFINITY;
  /** Unanswered joins, by room: all with the password that it was asked for last. */
  readonly #joins = new Map<string, number>();
  /** By room, the password that it was asked for last. */
  readonly #passwords = new Map<string, string>();
  /** Unanswered joins and leaves. */
  #roomRequests = 0;
  /** Joins, by room, whose `*** NAME joined #room ***` is still to come: it does not answer another join. */
  readonly #announced = new Map<string, number>();
  /** Sent and not taken by TLS yet. */
  readonly #untaken = new Fifo<PendingRequest>();
  #lastTaken = 0;

  constructor(connection: RequestConnection, options: RequestTrackerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.rooms = new RoomTracker(connection.username);
    this.#replies = new ReplyMatcher({
      clock: options.clock,
      timeoutMs: options.answerTimeoutMs,
      username: connection.username,
      ask: () => this.ask(),
      gaveUp: () => options.queue.pump(),
    });
  }

  /** Requests whose callers still wait for a reply. */
  get unanswered(): number {
    return this.#replies.waiting;
  }

  /** @throws ConnectorError `NOT_IN_ROOM`, `NO_ANSWER`, `NOT_SUPPORTED`, `ROOM_LIMIT`, and why nothing can be sent */
  offer(pending: PendingRequest): boolean {
    const { request } = pending;
    const { isOpen, channel, aheadBytes } = this.#connection;
    if (!isOpen || channel.queuedBytes > aheadBytes) return false;
    if (this.#replies.waiting >= this.#options.maxInFlight) return false;
    if (request.type === 'join' && !this.#isOnlyJoin(request)) return false;
    if (request.type === 'join') this.#assertRoomFor(request.room);
    const wording = this.#wordingOf(request);
    if (wording !== undefined) {
      this.#transmit(pending, wording);
      return true;
    }
    if (pending.queuedAt <= this.#unansweredAt) throw noAnswer();
    this.#askForMissing();
    return false;
  }

  /**
   * Sends a request ahead of the queue. `settled` is called once, unless this throws.
   *
   * @throws as `offer`, and ConnectorError `MESSAGE_TOO_LONG` in steady mode
   */
  sendDirect(request: Request, settled: (outcome: Outcome) => void): void {
    const wording = this.#wordingOf(request);
    if (wording === undefined) throw noAnswer();
    this.#transmit(directRequest(request, settled), wording);
  }

  /** The version of the server; undefined until a message of the server shows it. */
  get serverVersion(): ProtocolVersion | undefined {
    return this.#dialect?.version;
  }

  /** Asks a question that every server answers, and that nobody else sees. Does not throw. */
  ask(settled: (outcome: Outcome) => void = () => {}): void {
    const askedAt = this.#options.clock.now();
    this.#isAsking = true;
    const onOutcome = (outcome: Outcome): void => {
      this.#isAsking = false;
      settled(outcome);
      if (outcome.type === 'unanswered' && this.#dialect === undefined) this.#giveUp(askedAt);
    };
    try {
      this.#transmit(directRequest(QUESTION, onOutcome), QUESTION);
    } catch {
      onOutcome(CONNECTION_LOST);
    }
  }

  /** To be called with each message from the server, before it is passed on. */
  onMessage(raw: string, message: ServerMessage): Placed {
    if (!isList(message)) return this.#onWhole(raw, message);
    const whole = this.#lists.add(raw, message);
    return whole === undefined ? ANSWER : this.#onWhole(whole.raw, whole.message);
  }

  #onWhole(raw: string, message: ServerMessage): Placed {
    this.#dialect ??= dialectBehind(message);
    this.rooms.onMessage(message);
    this.#updateRooms(message);
    const answered = this.#takeReply(raw, message);
    this.#options.queue.pump();
    const place = this.#placeOf(message, answered);
    if (place === LOBBY) return answered === undefined ? UNASKED : ANSWER;
    return { isAnswer: answered !== undefined, place };
  }

  /** TLS has taken all packets up to this number. */
  onTaken(lastPacket: number): void {
    this.#lastTaken = lastPacket;
    let messages = 0;
    let bytes = 0;
    for (let first = this.#untaken.first; first && first.packet <= lastPacket; first = this.#untaken.first) {
      this.#untaken.take();
      if (first.bytes > 0) {
        messages++;
        bytes += first.bytes;
        this.#options.steady?.sent(this.#options.clock.now() - first.queuedAt);
      }
      if (first.state === 'unsent') first.settle(NO_ANSWER);
      else this.#replies.sent(first);
    }
    // Without messages, too: packets of files make room.
    this.#options.queue.onTaken(messages, bytes);
  }

  /**
   * After a rejoin, makes the current room what it was before. Returns whether it is: the current room of a 1.1
   * server is the one joined last.
   */
  restoreCurrent(room: string | undefined): boolean {
    if (this.#dialect?.hasCurrentRoom !== true && (room === undefined || this.rooms.isIn(room))) {
      this.rooms.current = room;
    }
    return this.rooms.current === room;
  }

  /** The connection is closed. */
  end(): void {
    this.#replies.end();
    for (let first = this.#untaken.take(); first; first = this.#untaken.take()) first.settle(CONNECTION_LOST);
  }

  #transmit(pending: PendingRequest, { text, meaning }: Wording): void {
    if (this.#options.steady) assertFitsCell(text);
    const isAboutRoom = meaning.type === 'join' || meaning.type === 'leave';
    if (meaning.type === 'join' && this.#dialect === undefined && !this.#isAsking) {
      // Before the first join, so that its answer and what is said in the room are read as the server means them.
      this.ask();
    }
    if (isAboutRoom) pending.onOutcome = (outcome) => this.#onRoomOutcome(meaning, outcome);
    this.#replies.expect(pending, meaning, roomOf(pending.request));
    try {
      if (!this.#connection.isOpen) throw new ConnectorError('DISCONNECTED', 'The connection is closing.');
      pending.packet = this.#connection.channel.sendText(text);
    } catch (error) {
      this.#replies.withdraw(pending);
      throw this.#connection.sendError(error);
    }
    this.#untaken.add(pending);
    if (isAboutRoom) this.#onRoomRequest(meaning);
    // A transport can take a packet before it returns.
    if (pending.packet <= this.#lastTaken) this.onTaken(this.#lastTaken);
  }

  #onRoomRequest(request: RoomRequest): void {
    const { room } = request;
    this.#roomRequests++;
    if (request.type === 'leave') {
      // Whatever the answer, a reconnect does not rejoin it.
      this.#options.desiredRooms.left(room);
      return;
    }
    this.rooms.requested(room);
    this.#passwords.set(room, request.password);
    this.#joins.set(room, (this.#joins.get(room) ?? 0) + 1);
  }

  #onRoomOutcome(request: RoomRequest, outcome: Outcome): void {
    this.#roomRequests--;
    if (request.type === 'join') this.#forgetJoin(request.room);
    if (outcome.type === 'unanswered') this.rooms.lostTrack();
    else this.#forgetRoom(request.room);
  }

  #forgetJoin(room: string): void {
    const others = (this.#joins.get(room) ?? 0) - 1;
    if (others > 0) this.#joins.set(room, others);
    else this.#joins.delete(room);
  }

  /** Undefined while the wording depends on an answer that is still to come. */
  #wordingOf(request: Request): Wording | undefined {
    const dialect = this.#dialect;
    const isAboutPlace = request.type === 'chat' || request.type === 'members';
    if (isAboutPlace && dialect?.hasCurrentRoom !== false && !this.#isLocated) return undefined;
    return dialect === undefined
      ? wordingInAny(request, this.rooms)
      : wordingIn(dialect, request, this.rooms);
  }

  /** The current room is certain, and no answer is due that could change it. */
  get #isLocated(): boolean {
    return this.#roomRequests === 0 && this.rooms.isCertain;
  }

  #askForMissing(): void {
    if (this.#dialect === undefined) {
      if (!this.#isAsking) this.ask();
    } else if (!this.rooms.isCertain && this.#roomRequests === 0 && !this.#isLocating) {
      this.#locate();
    }
  }

  /** The answer of a 1.1 server to `/users` names its current room. */
  #locate(): void {
    const askedAt = this.#options.clock.now();
    this.#isLocating = true;
    try {
      this.sendDirect({ type: 'users' }, (outcome) => {
        this.#isLocating = false;
        if (outcome.type === 'unanswered') this.#giveUp(askedAt);
      });
    } catch {
      // The connection is ending, which is reported as its end.
      this.#isLocating = false;
    }
  }

  #giveUp(askedAt: number): void {
    this.#unansweredAt = askedAt;
    this.#options.queue.pump();
  }

  #takeReply(raw: string, message: ServerMessage): AwaitedReply | undefined {
    if (message.type === 'roomJoined') return this.#takeAnnouncement(raw, message);
    const isJoined = message.type === 'createdRoom' || message.type === 'joinedRoom';
    if (isJoined && this.rooms.isRequested(message.room)) {
      this.#announced.set(message.room, (this.#announced.get(message.room) ?? 0) + 1);
    }
    return this.#replies.take(message, raw);
  }

  /** A join is reported twice: by its answer, which can be lost, and by the notice to the members of the room. */
  #takeAnnouncement(raw: string, message: ServerMessage & { type: 'roomJoined' }): AwaitedReply | undefined {
    const { room } = message;
    if (message.name !== this.#connection.username) return undefined;
    const announced = this.#announced.get(room) ?? 0;
    if (announced > 1) this.#announced.set(room, announced - 1);
    else this.#announced.delete(room);
    if (announced > 0) return undefined;
    const answer: ServerMessage = { type: 'joinedRoom', room };
    const pending = this.#replies.take(answer, raw);
    if (pending === undefined) return undefined;
    this.rooms.onMessage(answer);
    this.#updateRooms(answer);
    return pending;
  }

  #placeOf(message: ServerMessage, answered: AwaitedReply | undefined): Place {
    if (message.type === 'room') return { room: message.room };
    if (message.type !== 'lobby' || this.#dialect === undefined) return LOBBY;
    return answered?.place === undefined ? this.#dialect.placeOf(this.rooms) : { room: answered.place };
  }

  /** With two joins of a room by different passwords, a refusal would be ambiguous. */
  #isOnlyJoin({ room, password }: Request & { type: 'join' }): boolean {
    return !this.#joins.has(room) || this.#passwords.get(room) === password;
  }

  /** A reconnect joins the rooms that were asked for, that the server has confirmed, and that were not left. */
  #updateRooms(message: ServerMessage): void {
    const { desiredRooms } = this.#options;
    if (message.type === 'createdRoom' || message.type === 'joinedRoom') {
      const password = this.#passwords.get(message.room);
      if (password !== undefined) desiredRooms.joined(message.room, password);
    } else if (
      message.type === 'leftRoom' ||
      (message.type === 'refusal' && message.reason === 'notInRoom')
    ) {
      desiredRooms.left(message.room);
      this.#forgetRoom(message.room);
    }
  }

  /** After the answer to the last join of a room that we are not in, nothing about it is kept. */
  #forgetRoom(room: string): void {
    if (this.#joins.has(room) || this.rooms.isIn(room)) return;
    this.rooms.forget(room);
    this.#passwords.delete(room);
    this.#announced.delete(room);
  }

  /** @throws ConnectorError `ROOM_LIMIT` */
  #assertRoomFor(room: string): void {
    if (this.rooms.isRequested(room) || this.rooms.requests < MAX_ROOMS) return;
    throw new ConnectorError(
      'ROOM_LIMIT',
      `This connector is in ${MAX_ROOMS} rooms, and joins no more: ${JSON.stringify(room)} was not joined. Leave others first.`,
      { room, limit: MAX_ROOMS },
    );
  }
}

/** @throws ConnectorError `MESSAGE_TOO_LONG` */
function assertFitsCell(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_CELL_TEXT_BYTES) throw tooLongForCell(bytes);
}

/** The room of a chat message, for its echo on a 1.1 server does not name it. */
function roomOf(request: Request): string | undefined {
  return request.type === 'chat' ? request.room : undefined;
}

function noAnswer(): ConnectorError {
  return new ConnectorError(
    'NO_ANSWER',
    'The server did not answer a question that had to be answered before this could be sent. It was not sent; send it again later.',
  );
}
